// What surrounds the picture: buttons, caption, full quality, and words for screen readers.

import { DOWNLOAD, FULL_SCREEN, INFO, KEYS, LEAVE_FULL_SCREEN, PAUSE, PLAY, SHARE } from "./icons.js"
import { FullQuality } from "./quality.js"

export function addBar(pswp, { slideshow, info, share, fullScreen, help }) {
  pswp.on("uiRegister", () => {
    const { ui } = pswp
    // After the preloader (7), which pushes the buttons to the other side.
    ui.registerElement(button("slideshow", 7.2, "Start the slideshow (Space)", PLAY, () => slideshow.toggle(), followSlideshow))
    ui.registerElement(button("info", 7.4, "Information (I)", INFO, () => info.toggle(), followInfo))
    if (share) ui.registerElement(button("share", 7.6, "Share", SHARE, () => share()))
    if (fullScreen.exists) ui.registerElement(button("fullscreen", 11, "Full screen (F)", FULL_SCREEN, () => fullScreen.toggle(), followScreen))
    ui.registerElement(button("keys", 12, "Keys (?)", KEYS, () => help.show()))
    ui.registerElement(downloadLink())
    ui.registerElement({ name: "foot", className: "lightbox-foot", appendTo: "wrapper", order: 9, onInit: (foot) => fillFoot(pswp, foot, slideshow) })
  })

  function followSlideshow(element) {
    element.dataset.slideshow = ""
    pswp.on("change", () => (element.hidden = pswp.getNumItems() < 2))
    pswp.on("slideshowChange", () => {
      dress(element, slideshow.playing ? "Pause the slideshow (Space)" : "Start the slideshow (Space)", slideshow.playing ? PAUSE : PLAY)
    })
  }

  function followInfo(element) {
    element.setAttribute("aria-expanded", "false")
    pswp.on("infoChange", () => element.setAttribute("aria-expanded", info.isOpen))
  }

  function followScreen(element) {
    pswp.on("fullScreenChange", () => {
      dress(element, fullScreen.isOn ? "Leave full screen (F)" : "Full screen (F)", fullScreen.isOn ? LEAVE_FULL_SCREEN : FULL_SCREEN)
    })
  }
}

function button(name, order, title, html, onClick, onInit) {
  return { name, order, title, html, onClick, onInit, isButton: true }
}

function dress(element, title, html) {
  element.title = title
  element.setAttribute("aria-label", title)
  element.innerHTML = html
}

function downloadLink() {
  return {
    name: "download",
    order: 9,
    isButton: true,
    tagName: "a",
    title: "Download the original",
    html: DOWNLOAD,
    onInit: (link, pswp) => {
      link.download = ""
      pswp.on("change", () => {
        const { fullUrl, name } = pswp.currSlide.data
        link.hidden = !fullUrl
        if (fullUrl) link.href = fullUrl
        link.setAttribute("aria-label", `Download the original of ${name}`)
      })
    },
  }
}

function fillFoot(pswp, foot, slideshow) {
  const caption = part(foot, "lightbox-caption")
  const name = part(caption, "lightbox-name", "span")
  const size = part(caption, "lightbox-size", "span")
  const quality = part(foot, "lightbox-quality")
  const spoken = part(foot, "visually-hidden lightbox-spoken")
  spoken.setAttribute("role", "status")
  new FullQuality(pswp, quality)
  pswp.on("change", () => {
    const { data } = pswp.currSlide
    name.textContent = data.name
    size.textContent = data.sizeHuman ?? ""
    if (!slideshow.playing) spoken.textContent = `Photograph ${pswp.currIndex + 1} of ${pswp.getNumItems()}: ${data.name}`
  })
}

function part(parent, className, tag = "div") {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}
