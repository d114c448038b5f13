// Words of sign-in and of the first start.

export const signIn = {
  title: "Sign in",
  login: "Name you sign in with",
  password: "Password",
  code: "Code from your authenticator",
  codeHint: "Six digits. A code that was just used does not work twice.",
  go: "Sign in",
  passkey: "Use a passkey",
  sso: (name: string) => name,
  or: "or",
  ended: "Your session has ended. Sign in and go on where you were.",
  help: "Trouble? Ask the administrator of exposome in your hospital.",
  nobodyYet: "Nobody has an account yet. The set-up link that the server printed when it started makes the first.",
  noPasskey: "No passkey was used. You can sign in with your password.",
} as const;

export const setUp = {
  title: "Set up exposome",
  steps: ["Who you are", "What you have", "What the world knows", "First worklist"],
  step: (at: number, of: number) => `Step ${at} of ${of}`,
  skip: "Skip for now",
  invited: { title: "Choose a password", words: "Your account is ready. Choose a password, and you are signed in.", go: "Sign in" },
  who: {
    title: "You are the first person here",
    words: "You will be analyst and administrator. Others are added later, each with a role of their own.",
    name: "Your name",
    nameHint: "As colleagues know you: it stands beside every decision.",
    login: "Name you sign in with",
    password: "Password",
    passwordHint: "Twelve characters at least. A sentence is good.",
    go: "Go on",
    link: "Set-up link",
    linkHint: "The part after “token=” in the link that the server printed when it started.",
  },
  what: {
    title: "Hand over what you have",
    words: "An export of the device list, a bill of materials, a scan. Columns are recognised; you see what will change before anything is kept.",
    import: "Choose files",
    later: "You can also name a folder that is watched, later.",
  },
  world: {
    title: "What the world knows",
    words: "Flaws, exploits, support dates: fetched every hour, or loaded from one signed file where there is no network.",
    fetch: "Fetch now",
    file: "Load a file",
    fetching: "Fetching has begun. It goes on while you work.",
  },
  done: { title: "That is all", words: "Skipped parts stay as rows under Feeds and Inventory.", go: "Open the worklist" },
} as const;
