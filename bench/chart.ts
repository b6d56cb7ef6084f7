/** A line chart as SVG: series of values, one after the other along an axis. */

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [720, 280, 64, 40, 44, 16];
const COLOURS = ['#2563eb', '#d97706', '#059669', '#9333ea'];

export interface Axis {
  readonly name: string;
  /** Of the first value. */
  readonly from: number;
  /** From one value to the next. */
  readonly step: number;
}

const TASKS: Axis = { name: 'task', from: 1, step: 1 };

/** The vertical axis begins at 0. */
export function chart(title: string, unit: string, series: readonly Series[], axis = TASKS): string {
  const count = Math.max(2, ...series.map(({ values }) => values.length));
  const most = niceCeiling(Math.max(0, ...series.flatMap(({ values }) => values)));
  const x = (at: number) => LEFT + ((at - 1) / (count - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * most).toFixed(1);
    return (
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#d4d4d8"/>` +
      text(LEFT - 8, Number(at) + 4, number(share * most), 'end')
    );
  });
  const ticks = [1, ...[0.25, 0.5, 0.75, 1].map((share) => Math.round(share * count))].map((at) => {
    const label = (axis.from + (at - 1) * axis.step).toLocaleString('en');
    return text(x(at), HEIGHT - BOTTOM + 18, label, 'middle');
  });
  const curves = series.map(({ name, values }, at) => {
    const colour = COLOURS[at % COLOURS.length]!;
    const points = values.map((value, k) => `${x(k + 1).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const key = LEFT + 150 * at;
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points}"/>` +
      `<rect x="${key}" y="28" width="10" height="3" fill="${colour}"/>${text(key + 16, 33, name, 'start')}`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#27272a">
<title>${escaped(`${title} (${unit})`)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(LEFT, 18, `${title} (${unit})`, 'start')}
${[...lines, ...ticks, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, axis.name, 'middle'), ...curves].join('\n')}
</svg>
`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);
}

function number(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
}

/** The next of 1, 2, 4, 5, 8 times a power of ten. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}
