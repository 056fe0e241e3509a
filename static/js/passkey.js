// Passkeys: a form with data-passkey="create" or "get" asks the browser for one and sends it. Its options are in
// data-options, or at the address in data-options-from. What is marked [data-passkey-part] is hidden until then.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), char => char.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function decode(options) {
  const keys = list => list?.map(one => ({ ...one, id: bytes(one.id) }));
  const decoded = { ...options, challenge: bytes(options.challenge) };
  if (options.user) decoded.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) decoded.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) decoded.allowCredentials = keys(options.allowCredentials);
  return decoded;
}

function encode({ id, rawId, type, response, authenticatorAttachment, ...credential }) {
  const sent = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) sent[name] = text(response[name]);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: sent, authenticatorAttachment, ...credential });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(new TextDecoder().decode(bytes(form.dataset.options)));
  const answer = await fetch(form.dataset.optionsFrom, {
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const publicKey = decode(await optionsOf(form));
  if (form.dataset.passkey === "create") {
    publicKey.authenticatorSelection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    const made = await navigator.credentials.create({ publicKey });
    return encode({ ...fields(made), clientExtensionResults: made.getClientExtensionResults() });
  }
  const found = await navigator.credentials.get({ publicKey });
  return encode({ ...fields(found), clientExtensionResults: {} });
}
// The properties of a credential are on its prototype, so that they cannot be spread.
const fields = ({ id, rawId, type, response, authenticatorAttachment }) =>
  ({ id, rawId, type, response, authenticatorAttachment });

const supported = Boolean(window.PublicKeyCredential && navigator.credentials);
for (const form of document.querySelectorAll("form[data-passkey]")) {
  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = !supported;
  for (const part of document.querySelectorAll("[data-passkey-missing]")) part.hidden = supported;
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const failed = document.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      form.elements.credential.value = await ask(form);
      form.submit();
    } catch {
      failed.hidden = false;
      window.throughline?.announce(failed.textContent);
    }
  });
}
