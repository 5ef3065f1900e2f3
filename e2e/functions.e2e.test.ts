// What a sender can do with an installation. One for all of them: to start one takes longer than most of them.
// Credentials come first: they look at those that the settings bring, and what refuses them is paused for a while.
import "./functions/credentials.js";
import "./functions/credential-trouble.js";
import "./functions/kept-reasons.js";
import "./functions/api-samples.js";
import "./functions/cli.js";
import "./functions/code-samples.js";
import "./functions/events.js";
import "./functions/personalization.js";
import "./functions/retries.js";
import "./functions/secrets.js";
import "./functions/sent-as-given.js";
import "./functions/users.js";
