#!/usr/bin/env node
import { main } from "#generate";

process.exitCode = await main(process.argv.slice(2));
