// Enlivens elements: <form data-behaviour="submit-once focus-errors"> imports those files of behaviours/ and gives each the element.
// A behaviour that fails to load or to start leaves the plain page working.

const NAME = /^[a-z]+(-[a-z]+)*$/;

async function enliven(element, name) {
  try {
    const { default: behave } = await import(`./behaviours/${name}.js`);
    await behave(element);
  } catch (error) {
    console.error(name, error);
  }
}

async function enlivenInOrder(element, names) {
  for (const name of names) await enliven(element, name); // who comes first hears an event first
}

for (const element of document.querySelectorAll("[data-behaviour]")) {
  const names = element.dataset.behaviour.split(/\s+/).filter((name) => NAME.test(name));
  enlivenInOrder(element, new Set(names));
}
