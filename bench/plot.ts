// The ratios of a run as two bar charts in one SVG, drawn by ECharts without a browser.
import * as echarts from 'echarts';
import { FIGURES, type FigureName } from './figures.ts';
import type { TrialSummary } from './summary.ts';

const PANELS: readonly { figure: FigureName; left: string; right: string }[] = [
  { figure: 'perSecond', left: '16%', right: '45%' },
  { figure: 'cpuUs', left: '60%', right: '3%' },
];
const ROW_PX = 26;
const FRAME_PX = 170;
const WIDTH_PX = 1200;

export function plotSvg(summaries: readonly TrialSummary[], reference: string, caption: string): string {
  const trials = summaries.map((summary) => summary.trial.name).reverse(); // ECharts counts from below
  const names = (summaries[0]?.targets ?? [])
    .map((target) => target.target)
    .filter((name) => name !== reference);
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH_PX,
    height: FRAME_PX + trials.length * ROW_PX * Math.max(1, names.length),
  });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: `millrace bench, ${reference} = 1`, subtext: caption, left: 'center' },
    legend: { data: names, bottom: 0 },
    grid: PANELS.map(({ left, right }) => ({ left, right, top: 120, bottom: 40 })),
    yAxis: PANELS.map((_, i) => ({
      type: 'category',
      data: trials,
      gridIndex: i,
      axisLabel: { show: i === 0 },
    })),
    xAxis: PANELS.map(({ figure }, i) => ({
      type: 'value',
      gridIndex: i,
      position: 'top',
      name: `${FIGURES[figure].title} (${FIGURES[figure].better === 'more' ? 'longer' : 'shorter'} is better)`,
      nameLocation: 'middle',
      nameGap: 28,
    })),
    series: PANELS.flatMap(({ figure }, panel) =>
      names.map((name) => ({
        name,
        type: 'bar',
        xAxisIndex: panel,
        yAxisIndex: panel,
        data: summaries.map((summary) => ratioOf(summary, name, figure)).reverse(),
        label: { show: true, position: 'insideRight', formatter: '{c}' },
        markLine: { silent: true, symbol: 'none', label: { show: false }, data: [{ xAxis: 1 }] },
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function ratioOf(summary: TrialSummary, target: string, figure: FigureName): number | null {
  const ratio = summary.targets.find((candidate) => candidate.target === target)?.ratio[figure];
  return ratio === undefined ? null : Math.round(ratio * 100) / 100;
}
