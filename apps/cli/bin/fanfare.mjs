#!/usr/bin/env node
// npm links a command before anything is built, and only if its file is there.
import "../dist/main.js";
