/** ONNX protobuf out of a {@link Graph}. Field numbers: onnx.proto3, IR version 10. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Attribute, ElementType, Graph, GraphNode, Initializer, ValueSpec } from './graph.ts';

/** Which version of the operators and of the file format a model declares. */
export interface OnnxVersion {
  readonly opset: number;
  readonly ir: number;
}

/** What the engine traces for. */
const CURRENT: OnnxVersion = { opset: 21, ir: 10 };
const EXTERNAL = 1;

/** TensorProto.DataType. */
export const ONNX_TYPE: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
};

type Write = (writer: BinaryWriter) => void;

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, 2).fork();
  write(writer);
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, 2).string(value);
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, 0).int64(value);
}

function attribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'string') {
    writer.tag(4, 2).bytes(new TextEncoder().encode(value));
    integer(writer, 20, 3);
  } else if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, 2);
  } else if ('float' in value) {
    writer.tag(2, 5).float(value.float);
    integer(writer, 20, 1);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, 7);
  }
}

function node(writer: BinaryWriter, entry: GraphNode): void {
  for (const name of entry.inputs) text(writer, 1, name);
  for (const name of entry.outputs) text(writer, 2, name);
  text(writer, 3, entry.outputs[0] ?? entry.op);
  text(writer, 4, entry.op);
  for (const [name, value] of Object.entries(entry.attributes)) {
    message(writer, 5, (inner) => attribute(inner, name, value));
  }
  if (entry.domain !== '') text(writer, 7, entry.domain);
}

function valueInfo(writer: BinaryWriter, spec: ValueSpec): void {
  text(writer, 1, spec.name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      integer(tensor, 1, ONNX_TYPE[spec.type]);
      message(tensor, 2, (shape) => {
        for (const size of spec.shape) {
          message(shape, 1, (dim) => (typeof size === 'string' ? text(dim, 2, size) : integer(dim, 1, size)));
        }
      });
    }),
  );
}

function keyValue(writer: BinaryWriter, field: number, key: string, value: string): void {
  message(writer, field, (entry) => {
    text(entry, 1, key);
    text(entry, 2, value);
  });
}

interface Placed {
  readonly location: string;
  readonly offset: number;
}

function tensor(writer: BinaryWriter, entry: Initializer, placed: Placed | undefined): void {
  for (const size of entry.shape) integer(writer, 1, size);
  integer(writer, 2, ONNX_TYPE[entry.type]);
  text(writer, 8, entry.name);
  if (placed === undefined) {
    writer.tag(9, 2).bytes(entry.data);
    return;
  }
  keyValue(writer, 13, 'location', placed.location);
  keyValue(writer, 13, 'offset', String(placed.offset));
  keyValue(writer, 13, 'length', String(entry.data.byteLength));
  integer(writer, 14, EXTERNAL);
}

/** Where an external initialiser's bytes stand. */
export type ExternalData = ReadonlyMap<string, Placed>;

/**
 * Serialises a graph. Initialisers in `external` are referenced, all others are embedded. Equal graphs give
 * equal bytes.
 * @param version an older one, for readers of their day, where the graph has no operator that changed since
 */
export function encodeModel(
  graph: Graph,
  external: ExternalData = new Map(),
  version: OnnxVersion = CURRENT,
): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, version.ir);
  text(writer, 2, 'cpt-stream');
  message(writer, 7, (body) => {
    for (const entry of graph.nodes) message(body, 1, (inner) => node(inner, entry));
    text(body, 2, 'cpt');
    for (const entry of graph.initializers) {
      message(body, 5, (inner) => tensor(inner, entry, external.get(entry.name)));
    }
    for (const spec of graph.inputs) message(body, 11, (inner) => valueInfo(inner, spec));
    for (const spec of graph.outputs) message(body, 12, (inner) => valueInfo(inner, spec));
  });
  const domains = new Set(graph.nodes.map((entry) => entry.domain).filter((domain) => domain !== ''));
  message(writer, 8, (inner) => {
    text(inner, 1, '');
    integer(inner, 2, version.opset);
  });
  for (const domain of domains) {
    message(writer, 8, (inner) => {
      text(inner, 1, domain);
      integer(inner, 2, 1);
    });
  }
  return writer.finish();
}
