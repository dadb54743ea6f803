// Fields that are required only for a value of another field: `data-required-when="name=value"`.

for (const field of document.querySelectorAll("[data-required-when]")) {
  const [name, value] = field.dataset.requiredWhen.split("=")
  const update = () => (field.required = new FormData(field.form).get(name) === value)
  field.form.addEventListener("change", update)
  update()
}
