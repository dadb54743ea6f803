// Keyboard shortcuts of the lightbox, and the dialog that lists them. PhotoSwipe handles the arrows, Z and Escape.

const LIST = [
  ["← →", "Previous, next"],
  ["Home End", "First, last"],
  ["Z", "Zoom in or out"],
  ["Space", "Start or pause the slideshow"],
  ["I", "Information"],
  ["F", "Full screen"],
  ["?", "Show this list"],
  ["Esc", "Close"],
]
const SCROLLING = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown"])

export function listenToKeys(pswp, { slideshow, info, fullScreen, help }) {
  const actions = {
    " ": () => slideshow.toggle(),
    Home: () => pswp.goTo(0),
    End: () => pswp.goTo(pswp.getNumItems() - 1),
    i: () => info.toggle(),
    f: () => fullScreen.toggle(),
    "?": () => help.show(),
  }
  pswp.on("keydown", (event) => {
    const { originalEvent } = event
    if (help.isOpen || isForControl(originalEvent)) {
      event.preventDefault() // prevents PhotoSwipe's action, not the browser's
      return
    }
    pswp.element.classList.add("pswp--ui-visible")
    const { key, ctrlKey, metaKey, altKey } = originalEvent
    const action = actions[key.length === 1 ? key.toLowerCase() : key]
    if (!action || ctrlKey || metaKey || altKey) return
    event.preventDefault()
    originalEvent.preventDefault()
    action()
  })
  // A tap on the photo hides the buttons; show them when one gets the focus.
  pswp.on("bindEvents", () => {
    pswp.element.addEventListener("focusin", ({ target }) => target !== pswp.element && pswp.element.classList.add("pswp--ui-visible"))
  })
}

function isForControl({ key, target }) {
  if (key === " ") return target.closest("button, a, summary") !== null
  return SCROLLING.has(key) && target.closest(".lightbox-info") !== null
}

export class Help {
  #dialog = document.createElement("dialog")

  constructor(pswp) {
    this.#dialog.className = "lightbox-help"
    this.#dialog.setAttribute("aria-labelledby", "lightbox-help-title")
    this.#dialog.innerHTML = `
      <h2 id="lightbox-help-title">Keyboard shortcuts</h2>
      <dl>${LIST.map(([keys, action]) => `<div><dt>${keyCaps(keys)}</dt><dd>${action}</dd></div>`).join("")}</dl>
      <form method="dialog"><button class="lightbox-button">Close</button></form>`
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close())
    pswp.on("initialLayout", () => pswp.element.append(this.#dialog))
  }

  get isOpen() {
    return this.#dialog.open
  }

  show() {
    this.#dialog.showModal()
  }
}

function keyCaps(keys) {
  return keys.split(" ").map((key) => `<kbd>${key}</kbd>`).join(" ")
}
