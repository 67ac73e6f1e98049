// Draws the series of a figure from the table in it, so that chart and table cannot differ. Each point opens the
// same list of tickets as the number in the table. Colours are asked of the page, so the chart follows its theme.
import { init } from "./vendor/echarts.js";

// From how many days on the chart begins with the last ones only; the slider below shows and opens the rest.
const ZOOM_FROM_DAYS = 250;
const ZOOM_SHOWS_DAYS = { wide: 184, narrow: 92 };
// Where readers chose the days themselves, all are drawn; bars only as many as can be told apart, so many pixels each.
const BAR_DAY_WIDTH = 3;
// With more days a line to compare with lies on the other: it waits in the legend, and its figures in the tooltip.
const COMPARED_UNTIL_DAYS = 92;
// A month is seen at a glance and needs no slider.
const SLIDER_FROM_DAYS = 32;
// What a chart draws, from top to bottom over the same days: which series of its table, in which form, and which of
// the figure's words stands above the axis. A series that is only compared with is a thin line.
const AGES = ["age_lt_24h", "age_24_48h", "age_48_72h", "age_72_96h", "age_gt_96h"];
const KINDS = {
  "turnover-and-backlog": [
    { form: "area", series: ["backlog"], axis: "backlog" },
    { form: "bars", series: ["new", "closed"], axis: "flow" },
  ],
  balance: [{ form: "area", series: ["closing"], compared: ["opening"], axis: "y" }],
  stack: [{ form: "stack", series: AGES, axis: "y" }],
  bars: [{ form: "bars", series: ["new", "resolved"], axis: "y" }],
};

// Half a date, for the last label of the axis stands in the middle below its day.
const RIGHT = 40;
// Of the axis with numbers, and between them and the axis.
const AXIS_FONT_SIZE = 12;
const LABEL_GAP = 8;
// On paper a chart is as wide as the page, or shares it with two others.
const PAPER = { width: 1000, height: 224 };
const PAPER_SHARED = { width: 326, height: 190 };
const LEGEND = { fontSize: 13, gap: 20, mark: 19, row: 24 };

const figures = new Map();
const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
let printing = false;

// As red, green and blue, whatever the style sheet mixes it from.
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  paint.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  paint.fillRect(0, 0, 1, 1);
  const [red, green, blue] = paint.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

function readTable(table, panes) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows].reverse();
  return {
    days: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((head, column) => ({
      key: head.dataset.series,
      ...place(head.dataset.series, panes),
      name: head.textContent.trim(),
      values: rows.map((row) => Number(row.cells[column + 1].dataset.value)),
      links: rows.map((row) => row.cells[column + 1].querySelector("a")?.getAttribute("href")),
    })),
  };
}

function place(key, panes) {
  const pane = panes.findIndex(({ series, compared = [] }) => series.includes(key) || compared.includes(key));
  return { pane, form: panes[pane].series.includes(key) ? panes[pane].form : "compared" };
}

// Room for the numbers of the axis; a scale ends above the largest value, by less than three quarters of it.
function leftMargin({ data, panes }, look, narrow) {
  paint.font = `${AXIS_FONT_SIZE}px ${look.font}`;
  const widths = panes.map((_, pane) => {
    const shown = data.series.filter((series) => series.pane === pane);
    const heights = data.days.map((_, day) => {
      const values = shown.map(({ values }) => values[day]);
      return panes[pane].form === "stack" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
    });
    const end = Math.ceil(1.75 * heights.reduce((most, height) => Math.max(most, height), 0));
    return paint.measureText(look.number(end).replace(/\d/g, "0")).width;
  });
  return Math.max(narrow ? 36 : 48, Math.ceil(Math.max(...widths)) + LABEL_GAP + (narrow ? 2 : 6));
}

function axes({ data, panes, words }, look, narrow, left, legendRows) {
  const text = { color: look.quiet, fontSize: AXIS_FONT_SIZE, fontFamily: look.font };
  const last = panes.length - 1;
  const x = (grid) => ({
    type: "category",
    gridIndex: grid,
    data: data.days,
    boundaryGap: true,
    axisLine: { lineStyle: { color: look.strong } },
    axisTick: { show: false },
    axisLabel: { ...text, show: grid === last, hideOverlap: true, margin: 10 },
  });
  const y = (grid) => ({
    type: "value",
    gridIndex: grid,
    minInterval: 1,
    min: 0,
    splitNumber: grid ? 2 : 4,
    name: words.axes[panes[grid].axis],
    nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, (narrow ? 8 : 12) - left] },
    nameGap: 12,
    axisLabel: { ...text, margin: LABEL_GAP, formatter: look.number },
    splitLine: { lineStyle: { color: look.line } },
  });
  return {
    grid: grids(panes, hasSlider(data) ? 70 : 32, left, (legendRows - 1) * LEGEND.row),
    xAxis: panes.map((_, grid) => x(grid)),
    yAxis: panes.map((_, grid) => y(grid)),
  };
}

// Two share their days, so neither may be narrowed for its labels.
function grids(panes, below, left, further) {
  const grid = { left, right: RIGHT, outerBoundsMode: "none" };
  if (panes.length === 1) return [{ ...grid, top: (printing ? 54 : 64) + further, bottom: printing ? 28 : below }];
  return printing
    ? [{ ...grid, top: 54, height: 64 }, { ...grid, top: 152, height: 44 }]
    : [{ ...grid, top: 64, bottom: 130 + below }, { ...grid, height: 90, bottom: below }];
}

const line = { type: "line", symbol: "circle", symbolSize: 7, emphasis: { disabled: true } };
const FORMS = {
  area: (tint, values) => ({
    ...line, showSymbol: values.length === 1, lineStyle: { width: 2 }, areaStyle: { color: tint, opacity: 0.12 },
  }),
  compared: (_, values) => ({
    ...line, symbolSize: 5, showSymbol: values.length === 1, lineStyle: { width: 1.25, type: [4, 3] },
  }),
  stack: (tint, values) => ({
    ...line, showSymbol: values.length === 1, stack: "all", lineStyle: { width: 0 }, areaStyle: { color: tint, opacity: 0.85 },
  }),
  bars: () => ({
    type: "bar", barGap: "10%", barCategoryGap: "30%", barMaxWidth: 14, itemStyle: { borderRadius: [2, 2, 0, 0] },
  }),
};

function drawnSeries(data, look) {
  return data.series.map(({ key, name, values, pane, form }) => ({
    id: key,
    name,
    xAxisIndex: pane,
    yAxisIndex: pane,
    data: values,
    color: look.series[key],
    cursor: "pointer",
    animation: false,
    ...FORMS[form](look.series[key], values),
  }));
}

function hasSlider(data) {
  return data.days.length >= SLIDER_FROM_DAYS;
}

function shownDays({ data, panes }, width, narrow) {
  if (panes.length > 1) {
    return data.days.length > ZOOM_FROM_DAYS ? ZOOM_SHOWS_DAYS[narrow ? "narrow" : "wide"] : data.days.length;
  }
  return panes[0].form === "bars" ? Math.floor(width / BAR_DAY_WIDTH) : data.days.length;
}

function zoom(drawn, look, width, narrow, left) {
  const { data, panes } = drawn;
  const start = Math.max(0, 100 * (1 - shownDays(drawn, width, narrow) / data.days.length));
  const xAxisIndex = [...panes.keys()];
  return [
    { type: "inside", xAxisIndex, start, end: 100, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
    {
      type: "slider", show: hasSlider(data), xAxisIndex, start, end: 100, height: 22, bottom: 10,
      left, right: RIGHT, brushSelect: true, showDetail: false, borderColor: look.line, fillerColor: look.soft,
      backgroundColor: "transparent", handleStyle: { color: look.surface, borderColor: look.control },
      moveHandleSize: 4, moveHandleStyle: { color: look.control },
      dataBackground: { lineStyle: { color: look.control }, areaStyle: { color: look.strong } },
      selectedDataBackground: { lineStyle: { color: look.accent }, areaStyle: { color: look.accent, opacity: 0.25 } },
    },
  ];
}

function options(drawn) {
  const { data, words, canvas, size } = drawn;
  const look = readLook(words, data);
  const width = printing ? size.width : canvas.clientWidth;
  const narrow = width < 600;
  const left = leftMargin(drawn, look, narrow);
  const names = data.series.map(({ name }) => name);
  const waiting = data.days.length > COMPARED_UNTIL_DAYS ? data.series.filter(({ form }) => form === "compared") : [];
  return {
    aria: { enabled: true, label: { description: words.summary } },
    textStyle: { fontFamily: look.font, color: look.text },
    ...axes(drawn, look, narrow, left, legendRows(names, width, look)),
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: look.control, type: "solid" } },
    legend: {
      top: 0, left: 0, itemGap: LEGEND.gap, itemWidth: 14, itemHeight: 10, icon: "roundRect", data: names,
      selected: Object.fromEntries(waiting.map(({ name }) => [name, false])),
      textStyle: { color: look.text, fontSize: LEGEND.fontSize, fontFamily: look.font }, inactiveColor: look.strong,
    },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.raised, borderColor: look.strong,
      padding: [10, 14], textStyle: { color: look.text, fontSize: 13, fontFamily: look.font, lineHeight: 20 },
      formatter: (points) => describe(points, data, words, look),
    },
    dataZoom: printing ? [] : zoom(drawn, look, width, narrow, left),
    series: drawnSeries(data, look),
  };
}

// How many rows the names need, so that what is below makes room for them.
function legendRows(names, width, look) {
  paint.font = `${LEGEND.fontSize}px ${look.font}`;
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const needed = LEGEND.mark + paint.measureText(name).width + LEGEND.gap;
    if (used + needed > width) {
      rows += 1;
      used = 0;
    }
    used += needed;
  }
  return rows;
}

// One day over all series: the library would repeat the day for each of several grids.
function describe(points, data, words, look) {
  const [{ dataIndex }] = points;
  const pointOf = (key) => points.find(({ seriesId }) => seriesId === key);
  const shown = data.series.filter(({ key, form }) => pointOf(key) || form === "compared");
  const lines = shown.map(({ key, name, values }) => `${pointOf(key)?.marker ?? "–"} ${name}  ${look.number(values[dataIndex])}`);
  if (words.axes.total) {
    const total = shown.reduce((sum, { values }) => sum + values[dataIndex], 0);
    lines.push(`${words.axes.total}  ${look.number(total)}`);
  }
  return [data.days[dataIndex], ...lines].join("\n");
}

function readLook(words, data) {
  const numbers = new Intl.NumberFormat(words.language);
  return {
    font: getComputedStyle(document.body).fontFamily,
    number: (value) => numbers.format(value),
    text: colour("text"),
    quiet: colour("quiet"),
    line: colour("line"),
    strong: colour("line-strong"),
    control: colour("control-line"),
    surface: colour("surface"),
    raised: colour("raised"),
    soft: colour("accent-soft"),
    accent: colour("accent"),
    series: Object.fromEntries(data.series.map(({ key }) => [key, colour(`series-${key}`)])),
  };
}

function draw(figure) {
  const canvas = figure.querySelector(".chart-canvas");
  const table = figure.querySelector("table");
  if (!canvas || !table) return;
  const words = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const panes = KINDS[figure.dataset.chart];
  const size = panes.length > 1 ? PAPER : PAPER_SHARED;
  const chart = init(canvas, null, { renderer: "svg" });
  const drawn = { chart, data: readTable(table, panes), panes, words, canvas, size };
  chart.setOption(options(drawn));
  figures.set(figure, drawn);
  makeClickable(drawn);
  offerTable(figure);
}

// Anywhere in a day's column, not only on its few pixels of line or bar.
function makeClickable({ chart, data, panes }) {
  chart.on("click", "series", (point) => {
    if (panes[data.series[point.seriesIndex].pane].form === "bars") follow(data.series[point.seriesIndex], point.dataIndex);
  });
  chart.getZr().on("click", (event) => {
    const at = [event.offsetX, event.offsetY];
    const pane = panes.findIndex((_, gridIndex) => chart.containPixel({ gridIndex }, at));
    if (pane < 0) return;
    const isBars = panes[pane].form === "bars";
    if (isBars && event.target) return;
    const [day, height] = chart.convertFromPixel({ gridIndex: pane }, at);
    const { selected = {} } = chart.getOption().legend[0];
    const shown = data.series.filter((series) => series.pane === pane && selected[series.name] !== false);
    const nearest = isBars ? nearestBar(chart, shown, at, day, pane) : bandAt(shown, day, height);
    if (nearest) follow(nearest, day);
  });
}

function nearestBar(chart, bars, at, day, gridIndex) {
  const middle = chart.convertToPixel({ gridIndex }, [day, 0])[0];
  return bars[at[0] < middle ? 0 : bars.length - 1];
}

// Of stacked areas the one at that height, above all of them the topmost; otherwise the one that is drawn large.
function bandAt(shown, day, height) {
  const stacked = shown.filter(({ form, values }) => form === "stack" && values[day]);
  let top = 0;
  return stacked.find(({ values }) => (top += values[day]) >= height) ?? stacked.at(-1)
    ?? shown.find(({ form }) => form === "area") ?? shown[0];
}

function follow(series, index) {
  const link = series.links[index];
  if (link) location.assign(link);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-chart-table]");
  if (!button) return;
  const figure = button.closest("[data-chart]");
  figure.classList.toggle("as-table");
  offerTable(figure);
  if (!figure.classList.contains("as-table")) figures.get(figure)?.chart.resize();
});

// While the chart stands for it, the table is for screen readers: nobody should tab through hidden links.
function offerTable(figure) {
  const shown = figure.classList.contains("as-table");
  const button = figure.querySelector("[data-chart-table]");
  if (button) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(shown));
  }
  const box = figure.querySelector(".table-box");
  for (const element of [box, ...box.querySelectorAll("a")]) element.tabIndex = shown ? 0 : -1;
}

// A page that was changed in place may have kept a figure with other rows in it, or have taken its button away.
function drawAll() {
  for (const [figure, { chart, data, panes }] of figures) {
    const table = figure.isConnected && figure.querySelector("table");
    if (table && JSON.stringify(readTable(table, panes)) === JSON.stringify(data)) continue;
    chart.dispose();
    figures.delete(figure);
  }
  for (const figure of document.querySelectorAll("[data-chart]")) {
    if (figures.has(figure)) offerTable(figure);
    else draw(figure);
  }
}

function restyle() {
  for (const drawn of figures.values()) {
    const { chart, size } = drawn;
    const zoomed = chart.getOption().dataZoom?.map(({ start, end }) => ({ start, end }));
    if (zoomed?.length) drawn.zoomed = zoomed;
    chart.setOption(options(drawn), { notMerge: true });
    if (!printing && drawn.zoomed) chart.setOption({ dataZoom: drawn.zoomed });
    chart.resize(printing ? size : { width: "auto", height: "auto" });
    // paper does not wait for the next frame
    chart.getZr().flush();
  }
}

// On paper everything is light and has one size, whatever the window has.
function print(begins) {
  printing = begins;
  const root = document.documentElement;
  const { theme } = root.dataset;
  if (printing) root.dataset.theme = "light";
  restyle();
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

drawAll();
document.addEventListener("htmx:after:swap", drawAll);
document.addEventListener("theme", restyle);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!printing) restyle();
});
window.addEventListener("beforeprint", () => print(true));
window.addEventListener("afterprint", () => print(false));
new ResizeObserver(() => {
  if (printing) return;
  for (const { chart, canvas } of figures.values()) {
    if (canvas.clientWidth) chart.resize();
  }
}).observe(document.getElementById("main"));
