'use strict';
// The colors of pages, light and dark.

const dark = matchMedia('(prefers-color-scheme: dark)');
const palettes = {  // the first eight for optimizers, the others for the parts of bars
  light: ['#d1334f', '#1f6fc4', '#1a8a5a', '#b57a00', '#7a4cc2', '#00838f', '#c2571a', '#5d6673',
          '#9fb3c8', '#5b84b1', '#2f4b7c', '#8d6a9f', '#d98c5f', '#b9bec6', '#6b8f71'],
  dark: ['#ff6b81', '#64a8f5', '#4cc38a', '#e3b341', '#b392f0', '#4dd0e1', '#f59e6c', '#a9b3c1',
         '#6f8299', '#5f9bd8', '#9cc4f2', '#b18cc7', '#e39a6b', '#5c636e', '#86b08e'],
};
const palette = () => (dark.matches ? palettes.dark : palettes.light);
const color = i => palette()[i % 8];
const gray = () => color(7);  // for the reference that others are compared with
const partColor = i => palette()[8 + (i % 7)];
const ramps = {light: ['#a9cdea', '#3a7fc1', '#0a2a5c'], dark: ['#2a4a72', '#4f94dc', '#d9ecff']};
const ink = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

/**
 * The number of a color for each name. Some optimizers have a number of their own, the same on all
 * pages, for the first with that name; all others get the next number that is free.
 */
function colorNumbers(names) {
  const own = new Map([['muon', 0], ['hybrid', 1], ['adamw', 2], ['adam', 2], ['sgd', 3], ['momentum', 4]]);
  const numbers = names.map((name, i) => (names.indexOf(name) === i ? own.get(name) : undefined));
  let next = 0;
  return numbers.map(number => {
    if (number !== undefined) return number;
    while (numbers.includes(next)) ++next;
    return next++;
  });
}

/** A color for 0 <= t <= 1; the larger t, the more it stands out. */
function ramp(t) {
  const mixed = echarts.color.lerp(t, dark.matches ? ramps.dark : ramps.light);
  return '#' + echarts.color.parse(mixed).slice(0, 3).map(v => v.toString(16).padStart(2, '0')).join('');
}
