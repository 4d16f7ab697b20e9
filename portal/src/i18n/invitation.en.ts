/** Coming into an organisation by a mail's link. */
export const invitation = {
  loading: "Your invitation",
  title: "Join {{organisation}}",
  by: "{{name}} invites you.",
  role: "Your role",
  for: "For",
  until: "Holds until",
  signedIn: "Signed in as {{name}}",
  accept: "Accept and go in",
  decline: "Decline",
  signIn: "Sign in",
  create: "Create an account",
  how: "Sign in with the address above, or create an account with it. Then you come back here.",
  other: "It went to {{email}}, and you are signed in as {{reader}}. Only that address can accept it.",
  useOther: "Sign out, and go on with that address",
  stay: "Stay signed in, go to your doors",
  declined: "You declined",
  declinedText: "{{name}} can invite you again.",
  doors: "Go to your doors",
  failed: "The invitation did not load",
  over: {
    accepted: { title: "This invitation was accepted", text: "If that was you, you are in already: go to your doors." },
    declined: {
      title: "This invitation was declined",
      text: "If you want to come in after all, ask for a new one.",
    },
    withdrawn: {
      title: "This invitation was taken back",
      text: "Ask whoever invited you for a new one, if you still want to come in.",
    },
    replaced: {
      title: "There is a newer invitation",
      text: "A newer mail took the place of this one. Open the link in the newest.",
    },
    expired: {
      title: "This invitation is too old",
      text: "An invitation holds for a week. Ask whoever invited you for a new one.",
    },
    unknown: {
      title: "This link leads to no invitation",
      text: "It may be cut off. Open it from the mail again, or copy it whole. Where that does not help, ask for a new one.",
    },
  },
  nowhere: {
    title: "You belong to no organisation",
    text: "Open the link in the mail that invites you. If you have none, ask whoever looks after the house to invite you, or begin an organisation of your own.",
    again: "I have come in: look again",
    name: "Your own organisation",
    found: "Begin it",
    signOut: "Sign out",
  },
};
