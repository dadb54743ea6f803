// The controls around the photo: buttons, caption, "View original", and announcements for screen readers.

import { DOWNLOAD, FULL_SCREEN, INFO, KEYS, LEAVE_FULL_SCREEN, PAUSE, PLAY, SHARE } from "./icons.js"
import { FullQuality } from "./quality.js"

export function addBar(pswp, { slideshow, info, share, fullScreen, help }) {
  pswp.on("uiRegister", () => {
    const { ui } = pswp
    // `order` above 7: after the preloader, which pushes the buttons to the other side.
    ui.registerElement(button("slideshow", 7.2, "Start the slideshow (Space)", PLAY, () => slideshow.toggle(), followSlideshow))
    ui.registerElement(button("info", 7.4, "Information (I)", INFO, () => info.toggle(), followInfo))
    if (share) ui.registerElement(button("share", 7.6, "Share", SHARE, () => share()))
    if (fullScreen.exists) ui.registerElement(button("fullscreen", 11, "Full screen (F)", FULL_SCREEN, () => fullScreen.toggle(), followScreen))
    ui.registerElement(button("keys", 12, "Keyboard shortcuts (?)", KEYS, () => help.show()))
    ui.registerElement(downloadLink())
    ui.registerElement({ name: "foot", className: "lightbox-foot", appendTo: "wrapper", order: 9, onInit: (foot) => fillFoot(pswp, foot, slideshow) })
  })

  function followSlideshow(element) {
    element.dataset.slideshow = ""
    pswp.on("change", () => (element.hidden = pswp.getNumItems() < 2))
    pswp.on("slideshowChange", () => {
      update(element, slideshow.playing ? "Pause the slideshow (Space)" : "Start the slideshow (Space)", slideshow.playing ? PAUSE : PLAY)
    })
  }

  function followInfo(element) {
    element.setAttribute("aria-expanded", "false")
    pswp.on("infoChange", () => element.setAttribute("aria-expanded", info.isOpen))
  }

  function followScreen(element) {
    pswp.on("fullScreenChange", () => {
      update(element, fullScreen.isOn ? "Leave full screen (F)" : "Full screen (F)", fullScreen.isOn ? LEAVE_FULL_SCREEN : FULL_SCREEN)
    })
  }
}

function button(name, order, title, html, onClick, onInit) {
  return { name, order, title, html, onClick, onInit, isButton: true }
}

function update(element, title, html) {
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
    title: "Download original",
    html: DOWNLOAD,
    onInit: (link, pswp) => {
      link.download = ""
      pswp.on("change", () => {
        const { fullUrl, name } = pswp.currSlide.data
        link.hidden = !fullUrl
        if (fullUrl) link.href = fullUrl
        link.setAttribute("aria-label", `Download original of ${name}`)
      })
    },
  }
}

function fillFoot(pswp, foot, slideshow) {
  const caption = add(foot, "lightbox-caption")
  const name = add(caption, "lightbox-name", "span")
  const size = add(caption, "lightbox-size", "span")
  const quality = add(foot, "lightbox-quality")
  const announcer = add(foot, "visually-hidden lightbox-spoken")
  announcer.setAttribute("role", "status")
  new FullQuality(pswp, quality)
  pswp.on("change", () => {
    const { data } = pswp.currSlide
    name.textContent = data.name
    size.textContent = data.sizeHuman ?? ""
    if (!slideshow.playing) announcer.textContent = `Photo ${pswp.currIndex + 1} of ${pswp.getNumItems()}: ${data.name}`
  })
}

function add(parent, className, tag = "div") {
  const element = document.createElement(tag)
  element.className = className
  parent.append(element)
  return element
}
