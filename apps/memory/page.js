'use strict';
// Draws what optimizers keep in memory: for published models, for any number of parameters, or for
// a model that was measured.

/** "84 GB": three digits, in decimal units. */
function decimal(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const i = units.findIndex((_, k) => bytes / 1000 ** k < 999.5);
  return `${+(bytes / 1000 ** i).toPrecision(3)} ${units[i]}`;
}
const mebibytes = bytes => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const named = (list, name) => list.find(o => o.name === name);
const total = optimizer => optimizer.parameters + optimizer.state;
const percent = share => `${Math.round(100 * share)} %`;

/** "7B", "340M": how many parameters. */
function count(parameters) {
  const [unit, factor] = [['T', 1e12], ['B', 1e9], ['M', 1e6], ['K', 1e3], ['', 1]]
      .find(([, f]) => parameters >= f) ?? ['', 1];
  return `${+(parameters / factor).toPrecision(4)}${unit}`;
}

// ---- the models of the tutorials

function drawModels(models) {
  const ours = models[0].optimizers.map(o => o.name);
  const published = "the tutorial's Adam";
  const bytes = (model, name) =>
      name === published ? model.published : total(named(model.optimizers, name));
  const names = [...ours, published];
  const paint = name => name === published ? gray() : color(colorNumbers(ours)[ours.indexOf(name)]);
  const gap = model => Math.abs(model.published / bytes(model, 'adamw') - 1);
  const farthest = best(models, m => -gap(m));
  const all = models.flatMap(m => names.map(n => bytes(m, n)));
  const low = 10 ** Math.floor(Math.log10(Math.min(...all)));
  card('models', `Muon needs ${percent(bytes(models[0], 'muon') / bytes(models[0], 'adamw'))} of ` +
       `AdamW's memory, and AdamW what the tutorial prints for Adam, within ${percent(gap(farthest))}`,
       `Parameters and what the optimizer keeps of them, in float32. The tutorial's figures are ` +
       `rounded; ${farthest.name}'s most.`, () => names.map(n => [n, paint(n)]), shown => ({
         series: names.filter(shown).map(name => ({
           type: 'bar', name, color: paint(name), barGap: '10%', barCategoryGap: '28%',
           data: models.map(m => bytes(m, name)), emphasis: {disabled: true},
         })),
         grid: {left: 12, right: 26},
         xAxis: {type: 'log', name: 'memory (bytes, log)', min: low,
                 axisLabel: {formatter: decimal}},
         yAxis: {type: 'category', inverse: true, data: models.map(m => m.name),
                 axisLabel: {width: 92, overflow: 'break', interval: 0, hideOverlap: false,
                             formatter: (name, i) => `${name}\n${count(models[i].parameters)}`}},
         tooltip: {
           axisPointer: {type: 'shadow', shadowStyle: {color: ink('line'), opacity: 0.4}},
           formatter: params => {
             const model = models[params[0].dataIndex];
             return tip(`${model.name}: ${count(model.parameters)} parameters`, names.filter(shown)
                 .map(n => [paint(n), n, decimal(bytes(model, n))]));
           },
         },
       }), {wide: true, height: 720});
  writeTable('The tutorial\'s table', 'Parameters and what the optimizer keeps of them, in float32, ' +
             'if all are hidden matrices.', ['model', 'parameters', ...names], models.map(m =>
      [m.name, count(m.parameters), ...names.map(n => decimal(bytes(m, n)))]));
}

// ---- any number of parameters

const sizes = ({parameters, optimizers}) => {
  const [adamw, muon] = ['adamw', 'muon'].map(name => total(named(optimizers, name)));
  return `${count(parameters)} parameter${parameters === 1 ? ' takes' : 's take'} ${decimal(adamw)} with AdamW, ` +
      `${decimal(muon)} with Muon`;
};

function drawCounted(counted) {
  const most = Math.max(...counted.optimizers.map(total));
  const [unit, factor] = [['EB', 1e18], ['PB', 1e15], ['TB', 1e12], ['GB', 1e9], ['MB', 1e6],
                          ['kB', 1e3], ['B', 1]].find(([, f]) => most >= f);
  barCard('counted', sizes(counted),
          'Parameters and optimizer state in float32. In training the gradients are one more copy, ' +
          'and activations come on top.', counted.optimizers.map(o =>
              [{name: o.name}, [['parameters', o.parameters / factor],
                                ['optimizer state', o.state / factor]]]),
          `memory (${unit})`, v => decimal(v * factor), {wide: true});
}

function tableOfCounted(counted) {
  const most = total(named(counted.optimizers, 'adamw'));
  writeTable('What each keeps', 'Beside the parameters themselves.',
             ['optimizer', 'keeps', 'parameters', 'state', 'together', 'of adamw\'s'],
             counted.optimizers.map(o => [o.name, o.about, decimal(o.parameters), decimal(o.state),
                                          decimal(total(o)), percent(total(o) / most)]));
}

// ---- a model that was measured

function drawMeasured({optimizers}) {
  const kinds = ['parameters', 'gradients', 'state'];
  const above = o => Math.max(...kinds.filter(k => o.predicted[k] > 0)
      .map(k => o.measured[k] / o.predicted[k] - 1));
  const most = Math.max(...optimizers.map(above));
  const rest = o => Math.max(0, o.peak - sum(kinds.map(k => o.measured[k])));
  const parts = (bytes, more) =>
      [...kinds.map(k => [k === 'state' ? 'optimizer state' : k, bytes[k] / 2 ** 20]), ...more];
  const text = v => `${short(v)} MiB`;
  barCard('measured', `Measured: what is predicted, and at most ${short(100 * most, 2)} % more`,
          'Arrays are held in blocks of up to an eighth more than they need.',
          optimizers.flatMap(o => [[{name: `${o.name}, predicted`}, parts(o.predicted, [])],
                                   [{name: `${o.name}, measured`}, parts(o.measured, [])]]),
          'memory (MiB)', text, {wide: true});
  const [less, more] = [best(optimizers, o => o.peak), best(optimizers, o => -o.peak)];
  barCard('peak', `At the peak of a step ${more.name} holds ${mebibytes(more.peak)}, ` +
          `${less.name} ${mebibytes(less.peak)}`,
          'All that lives during a step. What is left beside the three kinds are images, ' +
          'activations, and what the optimizer works with; it differs a little from run to run, as ' +
          'threads meet.',
          optimizers.map(o => [{name: o.name}, parts(o.measured, [['the rest', rest(o) / 2 ** 20]])]),
          'memory (MiB)', text, {wide: true});
  writeTable('Predicted and measured', 'Predicted: 4 bytes for each number kept.',
             ['optimizer', 'keeps', 'state, predicted', 'state, measured', 'peak in a step'],
             optimizers.map(o => [o.name, o.about, mebibytes(o.predicted.state),
                                  mebibytes(o.measured.state), mebibytes(o.peak)]));
}

const {models, counted, subject} = content;
if (subject) {
  writeHead('Memory, predicted and measured', `${subject.name[0].toUpperCase()}${subject.name.slice(1)}: ` +
            `${subject.parameters.toLocaleString('en')} parameters, batches of ${subject.batch_size}.`);
  drawMeasured(subject);
} else {
  writeHead('What optimizers keep in memory', `AdamW keeps two copies of every parameter beside it, ` +
            `Muon one: ${sizes(counted)}.`);
  if (models) drawModels(models);
  if (!models) tableOfCounted(counted);
  drawCounted(counted);
}
writeMade(content.making);
