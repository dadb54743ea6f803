// What surrounds the picture: download, caption, full quality, and words for screen readers.

import { FullQuality } from "./lightbox_quality.js"

const icon = (shapes) => `<svg class="lightbox-icon" viewBox="0 0 24 24" aria-hidden="true">${shapes}</svg>`

export const ICONS = {
  closeSVG: icon('<path d="m5 5 14 14M19 5 5 19"/>'),
  zoomSVG: icon('<circle cx="10.500" cy="10.500" r="6.500"/><path d="m15.500 15.500 5 5M8 10.500h5"/><path class="pswp__zoom-icn-bar-v" d="M10.500 8v5"/>'),
  arrowPrevSVG: icon('<path d="m15 5-7 7 7 7"/>'),
  arrowNextSVG: icon('<path d="m9 5 7 7-7 7"/>'),
}
const DOWNLOAD = icon('<path d="M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14"/>')

export function addBar(pswp) {
  pswp.on("uiRegister", () => {
    pswp.ui.registerElement({
      name: "download",
      order: 8,
      isButton: true,
      tagName: "a",
      title: "Download the original",
      html: DOWNLOAD,
      onInit: (link) => {
        link.download = ""
        pswp.on("change", () => {
          const { fullUrl, name } = pswp.currSlide.data
          link.hidden = !fullUrl
          if (fullUrl) link.href = fullUrl
          link.setAttribute("aria-label", `Download the original of ${name}`)
        })
      },
    })
    pswp.ui.registerElement({ name: "foot", className: "lightbox-foot", appendTo: "wrapper", order: 9, onInit: (foot) => fillFoot(pswp, foot) })
  })
}

function fillFoot(pswp, foot) {
  const caption = part(foot, "lightbox-caption")
  const name = part(caption, "lightbox-name", "span")
  const size = part(caption, "lightbox-size", "span")
  const quality = part(foot, "lightbox-quality")
  const spoken = part(foot, "visually-hidden")
  spoken.setAttribute("role", "status")
  new FullQuality(pswp, quality)
  pswp.on("change", () => {
    const { data } = pswp.currSlide
    name.textContent = data.name
    size.textContent = data.sizeHuman
    spoken.textContent = `Photograph ${pswp.currIndex + 1} of ${pswp.getNumItems()}: ${data.name}`
  })
}

function part(parent, className, tag = "div") {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}
