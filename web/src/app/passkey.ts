// A passkey's round trip: the server's question, the key's answer.

import { write } from "../api/client";
import type { Passkey, Session } from "../api/draft";

interface Question {
  publicKey: unknown;
}

export async function signWithPasskey(): Promise<Session> {
  const { publicKey } = await write<Question>("/session/passkey/start", undefined);
  const found = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey as PublicKeyCredentialRequestOptionsJSON) });
  return write<Session>("/session/passkey/finish", answer(found));
}

/** Adds one to the account of whoever is signed in; the password once more, so that nobody else does. */
export async function addPasskey(name: string, current: string): Promise<Passkey> {
  const { publicKey } = await write<Question>("/me/passkeys/start", { current });
  const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey as PublicKeyCredentialCreationOptionsJSON) });
  return write<Passkey>("/me/passkeys", { name, credential: answer(made) });
}

function answer(found: Credential | null): unknown {
  if (!(found instanceof PublicKeyCredential)) throw new Error("no passkey was chosen");
  return found.toJSON();
}
