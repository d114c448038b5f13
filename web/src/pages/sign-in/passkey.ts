// A passkey's round trip: the server's question, the key's answer.

import { write } from "../../api/client";
import type { Session } from "../../api/draft";

interface Start {
  publicKey: {
    challenge: string;
    rpId?: string;
    timeout?: number;
    userVerification?: UserVerificationRequirement;
    allowCredentials?: { id: string; type: "public-key" }[];
  };
}

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function written(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

export async function signWithPasskey(): Promise<Session> {
  const { publicKey } = await write<Start>("/session/passkey/start", {});
  const found = (await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: publicKey.allowCredentials?.map((it) => ({ ...it, id: bytes(it.id) })),
    },
  })) as PublicKeyCredential | null;
  if (!found) throw new Error("no passkey was chosen");
  const response = found.response as AuthenticatorAssertionResponse;
  return write<Session>("/session/passkey/finish", {
    id: found.id,
    rawId: written(found.rawId),
    type: found.type,
    response: {
      authenticatorData: written(response.authenticatorData),
      clientDataJSON: written(response.clientDataJSON),
      signature: written(response.signature),
      userHandle: response.userHandle ? written(response.userHandle) : null,
    },
  });
}
