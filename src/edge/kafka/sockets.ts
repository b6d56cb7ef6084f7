/** Sockets to brokers. The brokers themselves name the hosts to go to, so what must not go there is held here. */
import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory, KafkaConfig } from 'kafkajs';
import { isLoopback } from './loopback.ts';

/** Of an error: credentials would have gone over a wire for everybody to read. */
const EXPOSED = 'EXPOSED_CREDENTIALS';
const KEEP_ALIVE = 60_000; // ms

/** Never lets a password or a token leave this machine unencrypted; a SCRAM login, which has neither, may. */
export function guardedSockets(sasl: KafkaConfig['sasl']): ISocketFactory {
  const readable = sasl !== undefined && !sasl.mechanism.startsWith('scram-');
  return ({ host, port, ssl, onConnect }) => {
    if (readable && !ssl && !isLoopback(host)) return refused(host, port);
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl
      ? tls.connect({ host, port, ...name, ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE);
  };
}

/** A socket that fails before it connects: kafkajs hears of errors from sockets, and keeps message and code. */
function refused(host: string, port: number): net.Socket {
  const error = new Error(`credentials are not sent to ${host}:${port} unencrypted`);
  return new net.Socket().destroy(Object.assign(error, { code: EXPOSED }));
}
