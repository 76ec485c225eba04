// A run over time, as one SVG of panels above each other, drawn by ECharts without a browser.
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Sample } from './run.ts';

type Value = (sample: Sample) => number | null;

interface Panel {
  readonly title: string;
  readonly lines: Readonly<Record<string, Value>>;
  readonly logarithmic?: boolean;
}

const MB = 1e6;
const PANELS: readonly Panel[] = [
  { title: 'connections', lines: { open: (s) => s.connections } },
  {
    title: 'per second',
    lines: {
      commands: (s) => s.commandsPerSec,
      'messages received': (s) => s.messagesPerSec,
      'connections made': (s) => s.connectsPerSec,
    },
  },
  {
    title: 'latency, ms',
    lines: { p50: (s) => s.p50Ms, p99: (s) => s.p99Ms, max: (s) => s.maxMs },
    logarithmic: true,
  },
  { title: 'server RSS, MB', lines: { RSS: (s) => s.rssBytes / MB, used_memory: (s) => s.usedBytes / MB } },
  { title: 'RSS gained a connection, bytes', lines: { 'bytes a connection': (s) => s.bytesPerConnection } },
  { title: 'server CPU, cores', lines: { cores: (s) => s.cpus } },
];
const PANEL_PX = 190;
const TOP_PX = 40;
const WIDTH_PX = 1100;

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

export function chartsSvg(samples: readonly Sample[]): string {
  const height = PANELS.length * PANEL_PX + TOP_PX;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH_PX, height });
  const topOf = (panel: number): number => TOP_PX + panel * PANEL_PX;
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: PANELS.map(({ title }, i) => ({
      text: title,
      left: 10,
      top: topOf(i) - 34,
      textStyle: { fontSize: 13 },
    })),
    legend: PANELS.map(({ lines }, i) => ({ data: Object.keys(lines), right: 20, top: topOf(i) - 34 })),
    grid: PANELS.map((_, i) => ({ left: 80, right: 20, top: topOf(i), height: PANEL_PX - 70 })),
    xAxis: PANELS.map((_, i) => ({
      type: 'value',
      gridIndex: i,
      max: Math.ceil(samples.at(-1)?.seconds ?? 1),
      axisLabel: { formatter: '{value} s' },
    })),
    yAxis: PANELS.map(({ logarithmic }, i) => ({ type: logarithmic ? 'log' : 'value', gridIndex: i })),
    series: PANELS.flatMap(({ lines }, i) =>
      Object.entries(lines).map(([name, value]) => ({
        name,
        type: 'line',
        xAxisIndex: i,
        yAxisIndex: i,
        showSymbol: false,
        data: samples.map((sample) => [sample.seconds, value(sample)]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
