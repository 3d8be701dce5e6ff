const AGAIN_MS = 1000 // after which an edit that was not acknowledged is sent once more

/**
 * Give a diagram its edits: numbered, kept until the page says that it has taken them, and sent as the list of
 * all that wait. A component's event is one value per rerun: two edits within it would leave the first unheard.
 */
function queueing(root) {
  // numbers begin anew with each mount; the time makes them another's
  root.queue = { from: `${Date.now()}.${Math.random()}`, last: 0, waiting: [], sent: 0 }
  root.say = (edit) => {
    const queue = root.queue
    queue.waiting.push({ ...edit, id: ++queue.last })
    send(root)
  }
}

function send(root) {
  const queue = root.queue
  queue.sent = performance.now()
  root.send("edits", { from: queue.from, edits: queue.waiting })
}

/** Forget the edits that the page has taken; what it has not heard of for long, it is told again. */
function acknowledge(root, taken) {
  const queue = root.queue
  if (taken.from === queue.from) queue.waiting = queue.waiting.filter((edit) => edit.id > taken.last)
  if (queue.waiting.length && performance.now() - queue.sent > AGAIN_MS) send(root)
}
