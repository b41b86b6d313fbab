// Passkeys: hands what the server asks to the browser, and the browser's answer to the form. Nothing is decided here.
// <form data-passkey="create" or "get"> with a hidden field "credential". What is asked stands in the page as JSON
// (data-options: its id), or is fetched when the button is pressed (data-options-url).

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const decoded = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function asked(options) {
  const found = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (found.user) found.user = { ...found.user, id: bytes(found.user.id) };
  if (found.excludeCredentials) found.excludeCredentials = decoded(found.excludeCredentials);
  if (found.allowCredentials) found.allowCredentials = decoded(found.allowCredentials);
  return { publicKey: found };
}

function answered(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!globalThis.PublicKeyCredential) continue;
  form.hidden = false;
  const note = form.querySelector("[data-passkey-note]");
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    // Before forms.js, which marks a form as sent.
    event.preventDefault();
    event.stopImmediatePropagation();
    note.textContent = "";
    try {
      const credential = await navigator.credentials[form.dataset.passkey](asked(await options(form)));
      form.elements.credential.value = JSON.stringify(answered(credential));
      form.requestSubmit();
    } catch (error) {
      // The person closed the window of the browser, it took too long, or the device has made one already.
      note.textContent = error.name === "InvalidStateError" ? note.dataset.known : note.dataset.failed;
    }
  });
}
