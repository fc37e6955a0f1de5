"""A day as an SVG: demand, use and capacity as lines, throttling and alarms as marks."""

WIDTH, HEIGHT = 1_000, 520
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 70, 110
STYLE = """
text { font: 13px sans-serif; fill: #333 } .title { font-size: 18px; font-weight: bold } .grid { stroke: #e4e7eb }
.demand { stroke: #9aa5b1; stroke-dasharray: 5 4; fill: none } .used { stroke: #1f77b4; fill: none; stroke-width: 1.6 }
.capacity { stroke: #2ca02c; fill: #2ca02c22; stroke-width: 2.2 } .throttled { fill: #d62728 }
.AlarmHigh { fill: #d62728 } .AlarmLow { fill: #1f77b4 } .mark { font-size: 11px; fill: #2c6e2c }
"""


def svg(seen):
    minutes = sorted(seen["demand"])
    first, last = minutes[0], minutes[-1] + 1
    top = max([*seen["demand"].values(), *seen["capacity"].values()]) * 1.1
    x = lambda minute: LEFT + (minute - first) / (last - first) * (WIDTH - LEFT - RIGHT)
    y = lambda units: HEIGHT - BOTTOM - units / top * (HEIGHT - TOP - BOTTOM)
    floor = HEIGHT - BOTTOM
    parts = [*axes(x, y, first, last, top), area(seen["capacity"], x, y, floor)]
    parts += [line("demand", seen["demand"], x, y), line("used", seen["used"], x, y)]
    for minute, events in sorted(seen["throttled"].items()):
        height = min(40, 4 + events)
        parts.append(f'<rect class="throttled" x="{x(minute):.1f}" y="{floor - height}" width="{max(1.5, x(1) - x(0)):.1f}" height="{height}"/>')
    for row, (name, times) in enumerate(seen["alarms"].items()):
        level = floor + 40 + 22 * row
        parts.append(f'<text x="{LEFT - 8}" y="{level + 5}" text-anchor="end">{name[5:]}</text>')
        parts += [f'<circle class="{name}" cx="{x(minute):.1f}" cy="{level}" r="4"/>' for minute in times if first <= minute <= last]
    for minute, units in seen["scaled"]:
        if first <= minute <= last:
            parts.append(f'<text class="mark" x="{x(minute):.1f}" y="{y(units) - 6:.1f}">{units}</text>')
    title = f"A table that scales by itself, {clock(first)} to {clock(last)}"
    parts += [f'<text class="title" x="{LEFT}" y="26">{title}</text>', *legend()]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    return "\n".join([head, f"<style>{STYLE}</style>", f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""])


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def axes(x, y, first, last, top):
    step = next(step for step in (5, 10, 20, 50, 100, 1_000) if top / step <= 8)
    for units in range(0, int(top) + 1, step):
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(units):.1f}" y2="{y(units):.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y(units) + 5:.1f}" text-anchor="end">{units}</text>'
    hours = range(-(-first // 60), last // 60 + 1)
    for hour in [hour for hour in hours if len(hours) < 12 or hour % 2 == 0]:
        yield f'<text x="{x(hour * 60):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{hour:02}:00</text>'


def steps(points, x, y):
    """A line that keeps its height until the next point."""
    known = sorted(points.items())
    for (minute, units), (next_minute, _) in zip(known, [*known[1:], (known[-1][0] + 1, 0)]):
        yield from [f"{x(minute):.1f},{y(units):.1f}", f"{x(next_minute):.1f},{y(units):.1f}"]


def area(points, x, y, floor):
    ends = f"{x(max(points) + 1):.1f},{floor} {x(min(points)):.1f},{floor}"
    return f'<polygon class="capacity" points="{" ".join(steps(points, x, y))} {ends}"/>'


def line(name, points, x, y):
    return f'<polyline class="{name}" points="{" ".join(steps(points, x, y))}"/>'


def legend():
    named = [("capacity", "capacity, as provisioned"), ("used", "read units a second, served"), ("demand", "asked for")]
    for place, (name, text) in enumerate(named):
        left = LEFT + place * 230
        yield f'<line class="{name}" x1="{left}" x2="{left + 26}" y1="46" y2="46"/><text x="{left + 32}" y="51">{text}</text>'
    left = LEFT + 3 * 230 - 70
    yield f'<rect class="throttled" x="{left}" y="38" width="8" height="14"/><text x="{left + 14}" y="51">throttled requests</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 14}">High and Low: when the alarms of the policy sound. Numbers: the capacity that was set.</text>'
