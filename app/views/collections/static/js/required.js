// Fields that are required only with another one's value: `data-required-when="name=value"`. Without a script the server
// says so.

for (const field of document.querySelectorAll("[data-required-when]")) {
  const [name, value] = field.dataset.requiredWhen.split("=")
  const look = () => (field.required = new FormData(field.form).get(name) === value)
  field.form.addEventListener("change", look)
  look()
}
