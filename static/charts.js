// Draws the series of a figure from the table in it, so that chart and table cannot differ. Each point opens the
// same list of tickets as the number in the table. Colours are asked of the page, so the chart follows its theme.
import { init } from "./vendor/echarts.js";

// From how many days on the chart begins with the last ones only; the slider below shows and opens the rest.
const ZOOM_FROM_DAYS = 250;
const ZOOM_SHOWS_DAYS = { wide: 184, narrow: 92 };
// A month is seen at a glance and needs no slider.
const SLIDER_FROM_DAYS = 32;
const LINES = new Set(["backlog"]);

// Half a date, for the last label of the axis stands in the middle below its day.
const RIGHT = 40;
const PAPER = { width: 1000, height: 224 };

const figures = new Map();
let printing = false;

function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function readTable(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows].reverse();
  return {
    days: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((head, column) => ({
      key: head.dataset.series,
      name: head.textContent.trim(),
      values: rows.map((row) => Number(row.cells[column + 1].dataset.value)),
      links: rows.map((row) => row.cells[column + 1].querySelector("a")?.getAttribute("href")),
    })),
  };
}

function axes(data, words, look, narrow) {
  const text = { color: look.quiet, fontSize: 12, fontFamily: look.font };
  const x = (grid, shown) => ({
    type: "category",
    gridIndex: grid,
    data: data.days,
    boundaryGap: true,
    axisLine: { lineStyle: { color: look.strong } },
    axisTick: { show: false },
    axisLabel: { ...text, show: shown, hideOverlap: true, margin: 10 },
  });
  const y = (grid, name) => ({
    type: "value",
    gridIndex: grid,
    minInterval: 1,
    min: 0,
    splitNumber: grid ? 2 : 4,
    name,
    nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, narrow ? -28 : -36] },
    nameGap: 12,
    axisLabel: { ...text, formatter: look.number },
    splitLine: { lineStyle: { color: look.line } },
  });
  const left = narrow ? 36 : 48;
  // The two share their days, so neither may be narrowed for its labels.
  const below = hasSlider(data) ? 70 : 32;
  const grid = { left, right: RIGHT, outerBoundsMode: "none" };
  return {
    grid: printing
      ? [{ ...grid, top: 54, height: 64 }, { ...grid, top: 152, height: 44 }]
      : [{ ...grid, top: 64, bottom: 130 + below }, { ...grid, height: 90, bottom: below }],
    xAxis: [x(0, false), x(1, true)],
    yAxis: [y(0, words.axes.backlog), y(1, words.axes.flow)],
  };
}

function drawnSeries(data, look) {
  return data.series.map(({ key, name, values }) => {
    const line = LINES.has(key);
    const tint = look.series[key];
    return {
      id: key,
      name,
      type: line ? "line" : "bar",
      xAxisIndex: line ? 0 : 1,
      yAxisIndex: line ? 0 : 1,
      data: values,
      color: tint,
      cursor: "pointer",
      animation: false,
      ...(line
        ? { symbol: "circle", symbolSize: 7, showSymbol: values.length === 1, lineStyle: { width: 2 },
            areaStyle: { color: tint, opacity: 0.12 }, emphasis: { disabled: true } }
        : { barGap: "10%", barCategoryGap: "30%", barMaxWidth: 14, itemStyle: { borderRadius: [2, 2, 0, 0] } }),
    };
  });
}

function hasSlider(data) {
  return data.days.length >= SLIDER_FROM_DAYS;
}

function zoom(data, look, narrow) {
  const shown = ZOOM_SHOWS_DAYS[narrow ? "narrow" : "wide"] / data.days.length;
  const start = data.days.length > ZOOM_FROM_DAYS ? 100 * (1 - shown) : 0;
  return [
    { type: "inside", xAxisIndex: [0, 1], start, end: 100, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
    {
      type: "slider", show: hasSlider(data), xAxisIndex: [0, 1], start, end: 100, height: 22, bottom: 10,
      left: narrow ? 36 : 48, right: RIGHT, brushSelect: true, showDetail: false, borderColor: look.line, fillerColor: look.soft,
      backgroundColor: "transparent", handleStyle: { color: look.surface, borderColor: look.control },
      moveHandleSize: 4, moveHandleStyle: { color: look.control },
      dataBackground: { lineStyle: { color: look.control }, areaStyle: { color: look.strong } },
      selectedDataBackground: { lineStyle: { color: look.accent }, areaStyle: { color: look.accent, opacity: 0.25 } },
    },
  ];
}

function options(data, words, canvas) {
  const look = readLook(words);
  const narrow = !printing && canvas.clientWidth < 600;
  return {
    aria: { enabled: true, label: { description: words.summary } },
    textStyle: { fontFamily: look.font, color: look.text },
    ...axes(data, words, look, narrow),
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: look.control, type: "solid" } },
    legend: {
      top: 0, left: 0, itemGap: 20, itemWidth: 14, itemHeight: 10, icon: "roundRect", data: data.series.map((s) => s.name),
      textStyle: { color: look.text, fontSize: 13, fontFamily: look.font }, inactiveColor: look.strong,
    },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.raised, borderColor: look.strong,
      padding: [10, 14], textStyle: { color: look.text, fontSize: 13, fontFamily: look.font, lineHeight: 20 },
      formatter: (points) => describe(points, data, look),
    },
    dataZoom: printing ? [] : zoom(data, look, narrow),
    series: drawnSeries(data, look),
  };
}

// One day over all series: the library would repeat the day for each of the two grids.
function describe(points, data, look) {
  const [{ dataIndex }] = points;
  const lines = data.series.map(({ key, name, values }) => {
    const marker = points.find((point) => point.seriesId === key)?.marker;
    return marker && `${marker} ${name}  ${look.number(values[dataIndex])}`;
  });
  return [data.days[dataIndex], ...lines.filter(Boolean)].join("\n");
}

function readLook(words) {
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
    series: {
      new: colour("series-new"),
      closed: colour("series-closed"),
      backlog: colour("series-backlog"),
    },
  };
}

function draw(figure) {
  const canvas = figure.querySelector(".chart-canvas");
  const table = figure.querySelector("table");
  if (!canvas || !table) return;
  const words = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const data = readTable(table);
  const chart = init(canvas, null, { renderer: "svg" });
  chart.setOption(options(data, words, canvas));
  const drawn = { chart, data, words, canvas };
  figures.set(figure, drawn);
  makeClickable(drawn);
  quietTable(figure);
}

// Anywhere in a day's column, not only on its few pixels of line or bar.
function makeClickable({ chart, data }) {
  chart.on("click", "series", (point) => follow(data.series[point.seriesIndex], point.dataIndex));
  chart.getZr().on("click", (event) => {
    if (event.target) return;
    const at = [event.offsetX, event.offsetY];
    const grid = [0, 1].find((index) => chart.containPixel({ gridIndex: index }, at));
    if (grid === undefined) return;
    const [day] = chart.convertFromPixel({ gridIndex: grid }, at);
    const series = grid === 0 ? data.series.find((s) => LINES.has(s.key)) : nearestBar(chart, data, at, day);
    if (series) follow(series, day);
  });
}

function nearestBar(chart, data, at, day) {
  const bars = data.series.filter((series) => !LINES.has(series.key));
  const middle = chart.convertToPixel({ gridIndex: 1 }, [day, 0])[0];
  return bars[at[0] < middle ? 0 : bars.length - 1];
}

function follow(series, index) {
  const link = series.links[index];
  if (link) location.assign(link);
}

// While the chart stands for it, the table is for screen readers: nobody should tab through hidden links.
function quietTable(figure) {
  const button = figure.querySelector("[data-chart-table]");
  const box = figure.querySelector(".table-box");
  const reach = (reachable) => {
    box.tabIndex = reachable ? 0 : -1;
    for (const link of box.querySelectorAll("a")) link.tabIndex = reachable ? 0 : -1;
  };
  reach(false);
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = figure.classList.toggle("as-table");
    button.setAttribute("aria-pressed", String(shown));
    reach(shown);
    if (!shown) figures.get(figure)?.chart.resize();
  });
}

function drawAll() {
  for (const [figure, { chart }] of figures) {
    if (figure.isConnected) continue;
    chart.dispose();
    figures.delete(figure);
  }
  for (const figure of document.querySelectorAll("[data-chart]")) {
    if (!figures.has(figure)) draw(figure);
  }
}

function restyle() {
  for (const drawn of figures.values()) {
    const { chart, data, words, canvas } = drawn;
    const zoomed = chart.getOption().dataZoom?.map(({ start, end }) => ({ start, end }));
    if (zoomed?.length) drawn.zoomed = zoomed;
    chart.setOption(options(data, words, canvas), { notMerge: true });
    if (!printing && drawn.zoomed) chart.setOption({ dataZoom: drawn.zoomed });
    chart.resize(printing ? PAPER : { width: "auto", height: "auto" });
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
