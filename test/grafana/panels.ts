/** The committed dashboard as Grafana reads it. */
import { readFile } from 'node:fs/promises';
import { DASHBOARD_FILE } from '../../grafana/dashboard.ts';

export interface PanelJson {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface DashboardJson {
  readonly uid: string;
  readonly panels: readonly PanelJson[];
}

export async function readDashboard(): Promise<DashboardJson> {
  return JSON.parse(await readFile(DASHBOARD_FILE, 'utf8')) as DashboardJson;
}

export interface PanelQuery {
  readonly title: string;
  readonly expression: string;
  readonly legend: string;
}

export function panelQueries({ panels }: DashboardJson): PanelQuery[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expression: expr, legend: legendFormat })),
  );
}
