const fraction = (above, below) => `<span class="fraction"><span>${symbolHtml(above)}</span><span>${symbolHtml(below)}</span></span>`
const written = (symbol, under) => (under ? fraction(symbol, under) : symbolHtml(symbol))
const [MOST_TERMS, OF_MORE] = [4, 2] // ways written out: all of a few, of more the first

/** One column of an equation: a symbol, its number below it, and what it is. */
const cell = (kind, symbol, number, words = "") =>
  `<div class="cell ${kind}"><div class="symbol">${symbol}</div><div class="number">${number}</div><div class="words">${symbolHtml(words)}</div></div>`

/**
 * One equation as HTML, symbols above numbers.  What is told grows with ``told``: 0 only what is asked, 1 the
 * rule, 2 its numbers, 3 the result.
 */
function equation(root, row, told = 3) {
  // ways of many factors stand below each other
  const breaks = row.terms.length > 1 && row.terms[0].factors.length > 2 ? '<i class="break"></i>' : ""
  const parts = [cell("result", written(row.symbol, row.under), told >= 3 ? digits(numberAt(root, row.ref)) : "?", wordsOf(root, row, told))]
  if (told >= 1) {
    const n = row.terms.length > MOST_TERMS ? OF_MORE : MOST_TERMS
    const shown = row.terms.slice(0, n)
    shown.forEach(({ factors, sign }, i) => {
      if (i) parts.push(breaks)
      parts.push(cell("operator", i || sign !== "+" ? sign : "=", i || sign !== "+" ? sign : "="))
      factors.forEach(({ symbol, under, number, words }, k) => {
        if (k) parts.push(cell("operator", "·", "·"))
        parts.push(cell("factor", written(symbol, under), told >= 2 ? filled(root, number) : "", words))
      })
    })
    const left = row.terms.slice(n)
    if (left.length) parts.push(breaks, cell("operator", "+", "+"), cell("factor", "…", told >= 2 ? digits(sum(root, left)) : "", `${left.length} more ways`))
  }
  return `<div class="equation">${parts.join("")}</div>`
}

/** What terms add up to. */
function sum(root, terms) {
  return terms.reduce((total, { factors }) => total + factors.reduce((product, { number }) => {
    const ref = number.match(/^\{(.+)\}$/)
    return product * (ref ? numberAt(root, ref[1]) : Number(number))
  }, 1), 0)
}

/** Under a gradient: what the finite difference says. */
function wordsOf(root, row, told) {
  if (!row.check || told < 3) return ""
  const [gradient, check] = [numberAt(root, row.ref), checkOf(root, row.ref)]
  return agree(gradient, check) ? `✓ finite difference ${digits(check, 4)}` : `✗ finite difference ${digits(check, 4)}: on a kink`
}

/** The equation in words, for those who listen. */
function spokenEquation(root, row, told = 3) {
  const name = (symbol, under) => spokenSymbol(under ? `${symbol} over ${under}` : symbol)
  const result = told >= 3 ? ` = ${digits(numberAt(root, row.ref))}` : ""
  if (told < 1) return name(row.symbol, row.under)
  const terms = row.terms.map(({ factors, sign }, i) =>
    `${i || sign !== "+" ? ` ${sign} ` : ""}${factors.map((f) => (told >= 2 ? filled(root, f.number) : name(f.symbol, f.under))).join(" times ")}`)
  return `${name(row.symbol, row.under)} = ${terms.join("")}${result}`
}
