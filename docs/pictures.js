// Draws every figure of a page as one image of WIDTH pixels, with its title, its note and its legend,
// and leaves them in the page as texts: pictures.py reads them there.
const family = 'sans-serif';
const room = WIDTH - 40;
const escaped = text => text.replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`);
const pen = document.createElement('canvas').getContext('2d');
function widthOf(text, size, weight = 400) {
  pen.font = `${weight} ${size}px ${family}`;
  return pen.measureText(text).width;
}
const line = (x, y, size, weight, fill, words) =>
    `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escaped(words)}</text>`;

/** A text in as many lines as it takes, and where the next line would be: [SVG, y]. */
function paragraph(words, size, weight, fill, y) {
  const lines = [''];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (widthOf(longer, size, weight) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const height = 1.3 * size;
  return [lines.map((words, i) => line(20, y + height * i, size, weight, fill, words)).join(''),
          y + height * lines.length];
}

function legendAt(buttons, y) {
  let [svg, x] = ['', 20];
  for (const button of buttons) {
    const width = Math.ceil(widthOf(button.textContent, 13)) + 38;
    if (x > 20 && x + width > 20 + room) [x, y] = [20, y + 22];
    svg += `<rect x="${x}" y="${y - 11}" width="12" height="12" rx="3" fill="${button.dataset.color}"/>` +
        line(x + 18, y, 13, 400, ink('ink'), button.textContent);
    x += width;
  }
  return [svg, svg ? y + 22 : y];
}

for (const figure of document.querySelectorAll('figure.card')) {
  const chart = echarts.getInstanceByDom(figure.querySelector('.plot'));
  chart.setOption({textStyle: {fontFamily: family}});
  chart.resize({width: room});
  const words = part => figure.querySelector(part).textContent;
  const [title, y1] = paragraph(words('h2'), 17, 600, ink('ink'), 32);
  const [note, y2] = paragraph(words('.note'), 13, 400, ink('quiet'), y1);
  const [entries, y3] = legendAt(figure.querySelectorAll('.legend button[aria-pressed="true"]'), y2 + 8);
  const height = Math.ceil(y3 + chart.getHeight());
  const image = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
      `viewBox="0 0 ${WIDTH} ${height}" font-family="${family}">` +
      `<rect width="100%" height="100%" rx="12" fill="${ink('card')}"/>${title}${note}${entries}` +
      `<g transform="translate(20 ${y3 - 8})">${chart.renderToSVGString()}</g></svg>`;
  const short = tag => tag.replace(/-?\d+\.\d{3,}/g, number => (+number).toFixed(1));
  document.body.append(element('pre', {class: 'picture', id: `picture-${figure.id}`},
                               image.replace(/<[^>]*>/g, short)));
}
