'use strict';
// Charts that pages have in common: lines, and stacked bars. A group, {name, number}, has a line or
// a row of its own; the number chooses its color.

// ---- lines

const entries = list => () => list.map(g => [g.name, color(g.number)]);

/** Lines over x: for each group the thick line thick(group) and the thin ones of thin(group). */
function lines(list, thick, thin, shown, symbols) {
  const line = (group, data, style) => ({
    type: 'line',
    name: group.name,
    data,
    showSymbol: data.length === 1 || (symbols && style.width > 1 && data.length <= 20),
    symbol: style.width > 1 ? 'emptyCircle' : 'none',
    symbolSize: 7,
    color: color(group.number),
    lineStyle: {...style, color: color(group.number)},
    emphasis: {disabled: true},
    silent: true,
    z: style.width > 1 ? 3 : 2,
  });
  const visible = list.filter(g => shown(g.name));
  const faint = 0.1 + 0.25 / Math.max(1, ...visible.map(g => thin(g).length));
  return visible.flatMap(g => [
    ...thin(g).map(data => line(g, data, {width: 1, opacity: faint})),
    line(g, thick(g), {width: 2.5}),
  ]);
}

/** A formatter of tooltips: the values at x of the thick lines that reach it, the largest first. */
function tipAt(list, thick, unit, text, shown) {
  return params => {
    const x = params[0].axisValue;
    const there = list.filter(g => shown(g.name) && x <= last(thick(g))[0]).map(g =>
        [color(g.number), g.name, best(thick(g), p => Math.abs(p[0] - x))[1]]);
    there.sort((a, b) => b[2] - a[2]);
    const place = Number.isInteger(x) ? x.toLocaleString('en') : short(x);
    return tip(`${unit} ${place}`, there.map(([paint, name, value]) => [paint, name, text(value)]));
  };
}

/** A logarithmic axis that holds [low, high], with fewer labels per power of ten if it is long. */
function logAxis([low, high], name) {
  const [min, max] = [Math.max(low, 1e-12) / 1.1, Math.max(high, 1e-12) * 1.1];
  const steps = max / min > 5000 ? [1] : max / min > 5 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const customValues = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); ++power) {
    for (const step of steps) customValues.push(step * 10 ** power);
  }
  const within = customValues.filter(v => min <= v && v <= max);
  return {type: 'log', name, min, max, axisTick: {show: false, customValues: within},
          axisLabel: {customValues: within, formatter: v => v < 1e-3 || v >= 1e6 ? v.toExponential(0) : +v.toPrecision(3)}};
}

/** [lowest, highest] of all values, but not below an eighth of the lowest thick line. */
const extent = (list, thick, thin) => {
  const all = list.flatMap(g => [...thin(g), thick(g)].flatMap(data => data.map(p => p[1])));
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const lowest = list.flatMap(thick).reduce((a, p) => Math.min(a, p[1]), Infinity);
  return [Math.max(low, lowest / 8), high];
};

function lineCard(id, title, note, list, {thick, thin, x, y, text, unit, symbols, wide}) {
  const option = shown => ({
    series: lines(list, thick, thin, shown, symbols),
    xAxis: {type: 'value', min: 'dataMin', max: 'dataMax', ...x},
    yAxis: y(extent(list, thick, thin)),
    tooltip: {formatter: tipAt(list, thick, unit, text, shown)},
  });
  card(id, title, note, entries(list), option, {wide});
}

// ---- bars

/** The value of `part` in a list of [part, value], 0 when it is not there. */
const valueOf = (list, part) => sum(list.filter(([p]) => p === part).map(([, v]) => v));

/** Stacked bars from left to right, one for each group: rows are [group, [[part, value]]]. */
function barCard(id, title, note, rows, name, text, {wide = false} = {}) {
  const parts = [...new Set(rows.flatMap(([, list]) => list.map(([part]) => part)))];
  const paint = part => partColor(parts.indexOf(part));
  card(id, title, note, () => parts.map(part => [part, paint(part)]), shown => ({
    series: parts.filter(shown).map(part => ({
      type: 'bar', stack: 'all', name: part, barMaxWidth: 34, color: paint(part),
      data: rows.map(([, list]) => valueOf(list, part)),
      itemStyle: {borderColor: ink('card'), borderWidth: 1},
      emphasis: {disabled: true},
    })),
    grid: {left: 12},
    xAxis: {type: 'value', name},
    yAxis: {type: 'category', data: rows.map(([g]) => g.name), inverse: true,
            axisLabel: {width: 100, overflow: 'break', interval: 0, hideOverlap: false}},
    tooltip: {
      axisPointer: {type: 'shadow', shadowStyle: {color: ink('line'), opacity: 0.4}},
      formatter: params => {
        const [g, list] = rows[params[0].dataIndex];
        const seen = parts.filter(p => shown(p) && list.some(([q]) => q === p));
        const lines = seen.map(p => [paint(p), p, text(valueOf(list, p))]);
        return tip(`${g.name}: ${text(sum(seen.map(p => valueOf(list, p))))}`, lines);
      },
    },
  }), {wide, height: 90 + 44 * Math.max(4, rows.length)});
}
