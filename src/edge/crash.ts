/**
 * Crashes at named points, for tests of what survives them: with `CPT_CRASH_AT=after-rename:3` the process kills
 * itself with SIGKILL the third time that it passes the point `after-rename`.
 */
export function crashPoints(setting: string | undefined): (point: string) => void {
  if (setting === undefined || setting === '') return () => {};
  const [wanted, count = '1'] = setting.split(':');
  let left = Number(count);
  return (point) => {
    if (point !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
