"""A first look at strings: some of them token by token, what is asked for, and how long they are."""

from __future__ import annotations

import html

import streamlit as st

from dlcore.charts import text
from dlcore.data import Dataset, NextToken, Parts, Task
from dlcore.data.text import PAD
from dlcore.data.tokens import NOT_ASKED
from pages.parts.live import live_plot
from pages.parts.state import Here

SAMPLES = 6
HEIGHT = 220
STYLE = """<style>
table.tokens { border-collapse: collapse; font-size: 13px; margin: 0 0 4px; }
table.tokens td { border: 1px solid color-mix(in srgb, var(--glassbox-faint) 40%, transparent);
  padding: 1px 5px; text-align: center; min-width: 20px; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
table.tokens td small { display: block; font-size: 10px; color: var(--glassbox-faint); line-height: 1.1; }
table.tokens td.pad { color: var(--glassbox-faint); border-style: dotted; }
table.tokens th { font-weight: 400; text-align: right; color: var(--glassbox-faint); padding-right: 8px; }
table.tokens tr.answer td { border-top: 0; }
table.tokens tbody tr:first-child td, table.tokens tbody tr:first-child th { padding-top: 4px; }
div.tokens { overflow-x: auto; display: flex; flex-direction: column; align-items: flex-start; gap: 4px; }
</style>"""


def first_look_text(here: Here) -> None:
    """Samples with the number of each token, what is to be answered, how often and how long."""
    data, shares = here.experiment.data, here.points
    st.caption(facts(data))
    tables = "".join(
        sample_table(data, shares["train"], i) for i in range(min(SAMPLES, len(shares["train"])))
    )
    st.html(f'{STYLE}<div class="tokens" tabindex="0" role="group" aria-label="Samples">{tables}</div>')
    left, right = st.columns(2)
    with left:
        picture = text.balance(data, shares, here.theme)
        live_plot(picture, "first-look-balance", text.balance_alt(data), height=HEIGHT)
    if text.differ_in_length(data, shares):
        with right:
            picture = text.lengths(data, shares, here.theme)
            live_plot(picture, "first-look-lengths", text.lengths_alt(data), height=HEIGHT)
    with st.expander(f"Vocabulary: {len(data.vocabulary):,} tokens and their numbers"):
        st.html(vocabulary_table(data))


def facts(data: Dataset) -> str:
    """The data set in a sentence or two."""
    asked = {
        Task.BINARY: "one of two answers for each",
        Task.CLASSES: f"one of {data.n_classes} answers for each",
    }.get(data.task, f"one of {data.n_classes} answers at each step where something is asked")
    return f"Rows of {data.sample_shape[0]} tokens, {asked}.  No string of one share is in another."


def sample_table(data: Dataset, part: Parts, i: int) -> str:
    """One sample as HTML: its tokens over their numbers, and below them what is asked for."""
    row, asked = part.x[i], part.y[i]
    filled = isinstance(data, NextToken)
    steps = (
        int((row != 0).sum()) if filled else len(row)
    )  # nothing is asked of what fills a row up on the right
    cells = "".join(_cell(data.vocabulary[token], str(token)) for token in row[:steps])
    rows = f"<tr><th>tokens</th>{cells}</tr>"
    if data.task is Task.TOKENS:
        answers = "".join(
            "<td></td>" if k == NOT_ASKED else _cell(data.class_names[k], str(k)) for k in asked[:steps]
        )
        rows += f'<tr class="answer"><th>answers</th>{answers}</tr>'
    else:
        name = html.escape(data.class_names[int(asked)])
        rows = rows.replace("</tr>", f"<th>→</th><td>{name}<small>{int(asked)}</small></td></tr>")
    return f'<table class="tokens"><tbody>{rows}</tbody></table>'


def _cell(token: str, number: str) -> str:
    kind = ' class="pad"' if token == PAD else ""
    return f"<td{kind}>{html.escape(text.shown(token))}<small>{number}</small></td>"


def vocabulary_table(data: Dataset) -> str:
    """Every token over its number, in rows of twenty, as HTML."""
    cells = [_cell(token, str(number)) for number, token in enumerate(data.vocabulary)]
    rows = "".join(f"<tr>{''.join(cells[i : i + 20])}</tr>" for i in range(0, len(cells), 20))
    return f'{STYLE}<div class="tokens"><table class="tokens"><tbody>{rows}</tbody></table></div>'
