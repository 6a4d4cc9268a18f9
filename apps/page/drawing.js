'use strict';
// What pages draw with: elements, numbers, and charts in cards. Texts may come from anywhere, so
// they become text nodes, never HTML.

const content = JSON.parse(document.getElementById('data').textContent);

// ---- elements and numbers

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
}
const swatch = paint => element('span', {class: 'swatch', style: `background:${paint}`});
const sum = values => values.reduce((a, b) => a + b, 0);
const mean = values => sum(values) / values.length;
const last = list => list[list.length - 1];
const best = (list, key) => list.reduce((a, b) => (key(b) < key(a) ? b : a));

function short(value, digits = 3) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1);
  const isWhole = Number(size.toPrecision(digits)) >= 10 ** (digits - 1);
  return isWhole ? Math.round(value).toString() : value.toPrecision(digits);
}

/** "0.0483", or "0.0483 ± 0.0011" over several seeds: mean and standard deviation. */
function statistic(values, digits) {
  const text = v => Math.abs(v) < 1e6 ? v.toFixed(digits) : v.toExponential(2);
  const m = mean(values);
  if (values.length === 1) return text(m);
  return `${text(m)} ± ${text(Math.sqrt(sum(values.map(v => (v - m) ** 2)) / (values.length - 1)))}`;
}

// ---- charts

/**
 * A card with a title, a note, a legend and a chart. entries() returns the legend, [[name, color]];
 * a click on an entry hides or shows its name. option(shown) returns the chart of the names for
 * which shown(name) is true. Returns the card's element, whose redraw() draws both anew.
 */
function card(id, title, note, entries, option, {wide = false, height = 0} = {}) {
  const plot = element('div', {class: 'plot', style: height ? `height:${height}px` : ''});
  const legend = element('div', {class: 'legend'});
  const figure = element('figure', {id, class: wide ? 'card wide' : 'card'},
                         element('h2', {}, title), element('p', {class: 'note'}, note), legend, plot);
  document.getElementById('charts').append(figure);
  const hidden = new Set();
  const chart = echarts.init(plot, null, {renderer: 'svg'});
  const draw = () => {
    legend.replaceChildren(...entries().map(([name, paint]) => {
      const button = element('button', {'aria-pressed': !hidden.has(name), 'data-color': paint},
                             swatch(paint), name);
      button.onclick = () => {
        if (!hidden.delete(name)) hidden.add(name);
        draw();
      };
      return button;
    }));
    chart.setOption(merged(option(name => !hidden.has(name))), {notMerge: true});
  };
  draw();
  new ResizeObserver(() => chart.resize()).observe(plot);
  dark.addEventListener('change', draw);
  return Object.assign(figure, {redraw: draw});
}

/** A chart's option, with the settings that all charts have in common. */
function merged(option) {
  const axis = own => ({
    nameTextStyle: {color: ink('quiet'), align: own.nameLocation ? 'center' : 'left'},
    axisLine: {lineStyle: {color: ink('quiet')}},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: ink('line')}},
    ...own,
    axisLabel: {color: ink('quiet'), hideOverlap: true, lineHeight: 15, ...own.axisLabel},
  });
  return {
    animation: false,
    textStyle: {fontFamily: getComputedStyle(document.body).fontFamily},
    aria: {enabled: true},
    ...option,
    grid: {left: 4, right: 22, top: option.yAxis.name ? 30 : 8, bottom: 24, containLabel: true,
           ...option.grid},
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: ink('card'),
      borderColor: ink('line'),
      axisPointer: {type: 'line', lineStyle: {color: ink('quiet')}},
      ...option.tooltip,
    },
    xAxis: axis({nameLocation: 'middle', nameGap: 26, ...option.xAxis}),
    yAxis: axis(option.yAxis),
  };
}

function tip(title, rows) {
  const lines = rows.map(([paint, name, value]) =>
      element('div', {}, swatch(paint), element('span', {}, name), element('span', {}, value)));
  return element('div', {class: 'tip'}, element('b', {}, title), ...lines);
}
