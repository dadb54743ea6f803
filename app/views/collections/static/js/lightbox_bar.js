// What surrounds the picture: download, caption, full quality, and words for screen readers.

import { FullQuality } from "./lightbox_quality.js"

const DOWNLOAD = `<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.7"
  stroke-linecap="round" stroke-linejoin="round"><path d="M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14"/></svg>`

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
