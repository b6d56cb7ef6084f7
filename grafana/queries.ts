/** Short ways to write queries and panels, so that dashboard.ts reads as a list of what is shown. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatusHistoryPanel } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as TimePanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source is the reader's choice: a variable of the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** [expression, legend]; `{}` behind a metric's name stands for the lineages chosen. */
export type Query = readonly [expression: string, legend: string];

export interface PanelText {
  readonly title: string;
  /** What it shows and when to worry, for somebody who sees it for the first time. */
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}

function targets(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map(([expression, legend], n) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + n))
      .expr(expression.replaceAll('{}', '{lineage=~"$lineage"}').replaceAll('{,', '{lineage=~"$lineage",'))
      .legendFormat(legend)
      .range(),
  );
}

/** A third of the width; steps, not slopes, as most of these values change at events. */
export function overTime(text: PanelText): TimePanel {
  return new TimePanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATA_SOURCE)
    .targets(targets(text.queries))
    .span(8)
    .height(8)
    .lineInterpolation(LineInterpolation.StepAfter)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    );
}

/** One number; green, and red from `alarm` on where one is given. */
export function number(text: PanelText, alarm?: number): StatPanel {
  return new StatPanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATA_SOURCE)
    .targets(targets(text.queries))
    .span(4)
    .height(4)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .thresholds(alarmAt(alarm));
}

/** One row per series, one cell per point in time; red from `alarm` on. */
export function cells(text: PanelText, alarm: number): StatusHistoryPanel {
  return new StatusHistoryPanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .decimals(3)
    .datasource(DATA_SOURCE)
    .targets(targets(text.queries))
    .span(16)
    .height(8)
    .maxDataPoints(60)
    .showValue(VisibilityMode.Auto)
    .thresholds(alarmAt(alarm));
}

function alarmAt(alarm: number | undefined): ThresholdsConfigBuilder {
  const calm = { value: null, color: 'green' };
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(alarm === undefined ? [calm] : [calm, { value: alarm, color: 'red' }]);
}
