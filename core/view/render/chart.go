package render

import (
	"fmt"
	"math"
	"strconv"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/view"
)

// Measures of a chart in SVG units. The drawing scales with its column, which the
// style sheet keeps narrow: text is about 11 px on a phone and 18 px at most; the
// table below has it all.
const (
	chartWidth = 400
	labelRoom  = 50 // characters of a label that fit beside nothing else
	textSize   = 14
	lineHeight = 20
	barHeight  = 16
	barGap     = 4
	plotHeight = 200
	valueRoom  = 70 // to the right of bars, for their values
)

// palette are the fills of series without a style sheet (print, saved page);
// classes series-1 … series-12 override them. Each is at least 3:1 on white.
var palette = [...]string{"#0b4f9e", "#b35c00", "#2d7a3a", "#8a2a8a", "#5b6570", "#a3213a", "#007a87", "#6b5b00", "#5a3fc0", "#94461c", "#3f6b8f", "#7a2f5b"}

// shape is one SVG element, measured.
type shape struct {
	kind       string // rect, line, circle, polyline, text
	x, y, w, h string
	points     string
	anchor     string
	class      string
	fill       string
	opacity    string
	text       string
}

type drawing struct {
	width, height string
	shapes        []shape
	y             float64
	none          string // said where a whole row is missing
}

// num writes a measure to a tenth of a unit; adding zero turns -0 into 0.
func num(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64) }

func series(i int) (class, fill string) {
	return "series-" + strconv.Itoa(i%len(palette)+1), palette[i%len(palette)]
}

func (d *drawing) rect(x, y, w, h float64, s int) {
	class, fill := series(s)
	d.shapes = append(d.shapes, shape{kind: "rect", x: num(x), y: num(y), w: num(math.Max(w, 0)), h: num(h), class: class, fill: fill})
}

func (d *drawing) text(x, y float64, anchor, s string) {
	d.shapes = append(d.shapes, shape{kind: "text", x: num(x), y: num(y), anchor: anchor, text: s, class: "chart-text", fill: "currentColor"})
}

func (d *drawing) line(x1, y1, x2, y2 float64) {
	d.shapes = append(d.shapes, shape{kind: "line", x: num(x1), y: num(y1), w: num(x2), h: num(y2), class: "chart-axis"})
}

func (d *drawing) dot(x, y float64, s int) {
	class, fill := series(s)
	d.shapes = append(d.shapes, shape{kind: "circle", x: num(x), y: num(y), w: "5", class: class, fill: fill})
}

// chartData is a frame as numbers; NaN marks what is missing.
type chartData struct {
	series     []string
	categories []string
	values     [][]float64 // by category, then series
	shown      [][]string
	low, high  float64 // of all values, zero included
	top        string  // high, written
}

func (p *printer) data(f view.Frame) chartData {
	d := chartData{}
	for _, c := range f.Columns[1:] {
		d.series = append(d.series, p.Heading(c))
	}
	for _, row := range f.Rows {
		if len(row) != len(f.Columns) {
			continue
		}
		d.categories = append(d.categories, p.Show(row[0], f.Columns[0].Type).Text)
		values, texts := make([]float64, len(row)-1), make([]string, len(row)-1)
		for j, v := range row[1:] {
			n, ok := v.Number()
			if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
				n = math.NaN()
			} else {
				d.low, d.high = math.Min(d.low, n), math.Max(d.high, n)
			}
			values[j], texts[j] = n, p.Show(v, f.Columns[j+1].Type).Text
		}
		d.values, d.shown = append(d.values, values), append(d.shown, texts)
	}
	if d.high == d.low {
		d.high = d.low + 1
	}
	d.top = show.Decimal(p.Lang, d.high, 2)
	return d
}

func (p *printer) draw(c view.Chart) drawing {
	d := &drawing{none: i18n.Text(p.Lang, "view.none")}
	data := p.data(c.Frame)
	if len(data.series) > 1 && c.Chart != "heat" {
		d.legend(data.series, c.Chart == "diverging")
	}
	switch c.Chart {
	case "stacked":
		d.stacked(data)
	case "diverging":
		d.diverging(data)
	case "line":
		d.lines(data)
	case "dot":
		d.dots(data)
	case "hist":
		d.columns(data)
	case "heat":
		d.heat(data)
	default:
		d.bars(data)
	}
	d.width, d.height = num(chartWidth), num(d.y+8)
	return *d
}

func (d *drawing) legend(names []string, diverging bool) {
	for i, name := range names {
		if diverging {
			d.step(0, d.y+3, 14, 14, i, len(names), "")
		} else {
			d.rect(0, d.y+3, 14, 14, i)
		}
		d.text(22, d.y+15, "start", clip(name, labelRoom))
		d.y += lineHeight
	}
	d.y += 6
}

// clip shortens a label to what fits; the table has the whole.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

func (d *drawing) bars(c chartData) {
	scale := (chartWidth - valueRoom) / (c.high - c.low)
	zero, top := -c.low*scale, d.y
	for i, name := range c.categories {
		d.text(0, d.y+15, "start", clip(name, labelRoom))
		d.y += lineHeight
		for j, v := range c.values[i] {
			if !math.IsNaN(v) {
				d.rect(zero+math.Min(v, 0)*scale, d.y, math.Abs(v)*scale, barHeight, j)
				d.text(zero+math.Max(v, 0)*scale+6, d.y+13, "start", c.shown[i][j])
			} else if j == 0 && empty(c.values[i]) {
				d.text(zero+6, d.y+13, "start", d.none)
			}
			d.y += barHeight + barGap
		}
		d.y += 6
	}
	d.line(zero, top, zero, d.y)
}

// sum adds up what is there of a row, each value by its weight.
func sum(row []float64, weight func(j int) float64) float64 {
	s := 0.0
	for j, v := range row {
		if !math.IsNaN(v) {
			s += v * weight(j)
		}
	}
	return s
}

func whole(int) float64 { return 1 }

func empty(row []float64) bool {
	for _, v := range row {
		if !math.IsNaN(v) {
			return false
		}
	}
	return true
}

// stacked lays the series of a category end to end.
func (d *drawing) stacked(c chartData) {
	most := 0.0
	for _, row := range c.values {
		most = math.Max(most, sum(row, whole))
	}
	if most == 0 {
		most = 1
	}
	scale := chartWidth / most
	for i, name := range c.categories {
		d.text(0, d.y+15, "start", clip(name, labelRoom))
		d.y += lineHeight
		x := 0.0
		if empty(c.values[i]) {
			d.text(0, d.y+13, "start", d.none)
		}
		for j, v := range c.values[i] {
			if math.IsNaN(v) || v == 0 {
				continue
			}
			d.rect(x, d.y, v*scale, barHeight, j)
			x += v * scale
		}
		d.y += barHeight + barGap + 6
	}
}

// steepest are the fills of the steps of a diverging chart without a style sheet,
// from the strongest no to the strongest yes, and of the words on them. The two
// sides have the same four steps of lightness, so that they are told apart
// without colours as well; classes step-n2 … step-p2 override them.
var steepest = map[string][2]string{
	"n2": {"#8f3d00", "#ffffff"}, "n1": {"#f2b27c", "#1a1d21"}, "0": {"#dfe4ea", "#1a1d21"},
	"p1": {"#8fbcf0", "#1a1d21"}, "p2": {"#0b4f9e", "#ffffff"},
}

// stepOf names the step of series i of n.
func stepOf(i, n int) string {
	at := float64(i) - float64(n-1)/2
	strength := "1"
	if math.Abs(at) > float64(n-1)/4 {
		strength = "2"
	}
	switch {
	case at < 0:
		return "n" + strength
	case at > 0:
		return "p" + strength
	}
	return "0"
}

// step is a piece of a diverging bar, with its value where there is room.
func (d *drawing) step(x, y, w, h float64, i, n int, value string) {
	name := stepOf(i, n)
	fill := steepest[name]
	d.shapes = append(d.shapes, shape{kind: "rect", x: num(x), y: num(y), w: num(math.Max(w, 0)), h: num(h), class: "step-fill step-" + name, fill: fill[0]})
	if room := float64(8*len([]rune(value)) + 6); value != "" && w >= room {
		d.shapes = append(d.shapes, shape{kind: "text", x: num(x + w/2), y: num(y + h/2 + 5), anchor: "middle", text: value, class: "step-on-" + name, fill: fill[1]})
	}
}

// divergingHeight has room for values inside the bar.
const divergingHeight = 24

// diverging centres the bars: the first half of the series lies to the left of
// the axis, the second to the right, a middle one half on each side.
func (d *drawing) diverging(c chartData) {
	left, right, n := 0.0, 0.0, len(c.series)
	before := func(j int) float64 { return math.Min(math.Max(float64(n)/2-float64(j), 0), 1) }
	for _, row := range c.values {
		b := sum(row, before)
		left, right = math.Max(left, b), math.Max(right, sum(row, whole)-b)
	}
	if left+right == 0 {
		right = 1
	}
	scale := chartWidth / (left + right)
	for i, name := range c.categories {
		d.text(0, d.y+15, "start", clip(name, labelRoom))
		d.y += lineHeight
		x := (left - sum(c.values[i], before)) * scale
		if empty(c.values[i]) {
			d.text(0, d.y+15, "start", d.none)
		} else { // behind the bar: words and values stay clear of it
			d.line(left*scale, d.y-4, left*scale, d.y+divergingHeight+4)
		}
		for j, v := range c.values[i] {
			if math.IsNaN(v) || v == 0 {
				continue
			}
			d.step(x, d.y, v*scale, divergingHeight, j, n, c.shown[i][j])
			x += v * scale
		}
		d.y += divergingHeight + barGap + 8
	}
}

func (d *drawing) columns(c chartData) {
	top := d.y + lineHeight
	step := chartWidth / math.Max(float64(len(c.categories)), 1)
	scale := plotHeight / (c.high - c.low)
	base := top + c.high*scale
	every := int(math.Ceil(40 / step))
	for i, row := range c.values {
		width := (step - 2) / float64(len(row))
		for j, v := range row {
			if math.IsNaN(v) {
				continue
			}
			x := float64(i)*step + 1 + float64(j)*width
			d.rect(x, base-math.Max(v, 0)*scale, width, math.Abs(v)*scale, j)
		}
		if i%every == 0 {
			d.text(float64(i)*step+step/2, top+plotHeight+lineHeight, "middle", clip(c.categories[i], max(int(step*float64(every)/8), 3)))
		}
	}
	d.line(0, base, chartWidth, base)
	d.text(0, top-6, "start", c.top)
	d.y = top + plotHeight + lineHeight + 6
}

func (d *drawing) lines(c chartData) {
	top := d.y + lineHeight
	scale := plotHeight / (c.high - c.low)
	base := top + c.high*scale
	step := (chartWidth - 20) / math.Max(float64(len(c.categories)-1), 1)
	at := func(i int) float64 { return 10 + float64(i)*step }
	for j := range c.series {
		points := ""
		class, fill := series(j)
		for i := range c.categories {
			if v := c.values[i][j]; !math.IsNaN(v) {
				points += fmt.Sprintf("%s,%s ", num(at(i)), num(base-v*scale))
				d.dot(at(i), base-v*scale, j)
			}
		}
		d.shapes = append(d.shapes, shape{kind: "polyline", points: points, class: class, fill: fill})
	}
	every := int(math.Ceil(70 / math.Max(step, 1)))
	for i := 0; i < len(c.categories); i += every {
		anchor := "middle"
		if i == 0 {
			anchor = "start"
		} else if i == len(c.categories)-1 {
			anchor = "end"
		}
		d.text(at(i), top+plotHeight+lineHeight, anchor, clip(c.categories[i], 12))
	}
	d.line(0, base, chartWidth, base)
	d.text(0, top-6, "start", c.top)
	d.y = top + plotHeight + lineHeight + 6
}

func (d *drawing) dots(c chartData) {
	scale := (chartWidth - 20) / (c.high - c.low)
	for i, name := range c.categories {
		d.text(0, d.y+15, "start", clip(name, labelRoom))
		d.y += lineHeight
		d.line(10, d.y+8, chartWidth-10, d.y+8)
		for j, v := range c.values[i] {
			if !math.IsNaN(v) {
				d.dot(10+(v-c.low)*scale, d.y+8, j)
			}
		}
		d.y += barHeight + barGap + 6
	}
}

// heat shades each cell by its value; the value itself stands in the cell.
func (d *drawing) heat(c chartData) {
	room := 140.0
	width := (chartWidth - room) / float64(max(len(c.series), 1))
	for j, name := range c.series {
		d.text(room+float64(j)*width+width/2, d.y+15, "middle", clip(name, max(int(width/8), 2)))
	}
	d.y += lineHeight
	for i, name := range c.categories {
		d.text(0, d.y+18, "start", clip(name, 18))
		for j, v := range c.values[i] {
			x := room + float64(j)*width
			if !math.IsNaN(v) {
				// At most .4, so that the number stays readable on it.
				share := (v - c.low) / (c.high - c.low) * 0.4
				d.rect(x, d.y, width-2, 26, 0)
				d.shapes[len(d.shapes)-1].opacity = strconv.FormatFloat(math.Round(share*100)/100, 'f', -1, 64)
			}
			d.text(x+width/2, d.y+18, "middle", c.shown[i][j])
		}
		d.y += 28
	}
}
