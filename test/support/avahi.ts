import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireProgram } from "./programs.ts";
import { type Ended, run } from "./run.ts";
import { TalkingProgram } from "./talking-program.ts";

const programs = ["avahi-daemon", "avahi-browse", "avahi-publish-service", "dbus-daemon"];
const BROWSE_LIMIT = 15_000;

/** Whether there is an avahi to talk to; what is missing is said as for programs. */
export function requireAvahi(): boolean {
  return programs.map(requireProgram).every((path) => path !== undefined);
}

/** An avahi of this test's own, on one machine, with a bus of its own: the system's know nothing of it. */
export class Avahi implements AsyncDisposable {
  readonly #folder: string;
  readonly #daemon: TalkingProgram;

  private constructor(folder: string, daemon: TalkingProgram) {
    this.#folder = folder;
    this.#daemon = daemon;
  }

  /** @param machine what runs a program there. */
  static async start(machine: readonly string[], signal: AbortSignal): Promise<Avahi> {
    const folder = await mkdtemp(join(tmpdir(), "net-avahi-"));
    await writeFile(join(folder, "bus.conf"), busSettings(folder));
    await writeFile(join(folder, "avahi.conf"), avahiSettings);
    await writeFile(join(folder, "start.sh"), script);
    const daemon = new TalkingProgram([...machine, "sh", join(folder, "start.sh"), folder]);
    const avahi = new Avahi(folder, daemon);
    try {
      await daemon.says(/Server startup complete/, signal);
      // A new interface has its IPv6 address only after a moment, and every name is probed for anew then.
      await daemon.says(/New relevant interface \S+\.IPv6 for mDNS/, signal);
      return avahi;
    } catch (error) {
      await avahi[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it knows of a type of service, resolved, a line for each: `=;eth0;IPv4;name;type;local;host;address;port;texts`. */
  async browse(type: string): Promise<string> {
    const ended: Ended = await run("env", [this.#bus, "avahi-browse", "-rpt", type], {
      timeout: BROWSE_LIMIT,
    });
    return ended.stdout;
  }

  /** Tells what it hears of a type of service: lines with `+` for what comes, `-` for what goes. */
  follow(type: string): TalkingProgram {
    return new TalkingProgram(["env", this.#bus, "avahi-browse", "-p", type]);
  }

  /** Publishes a service as long as the program runs. */
  publish(name: string, type: string, port: number, ...texts: string[]): TalkingProgram {
    const command = ["avahi-publish-service", name, type, String(port), ...texts];
    return new TalkingProgram(["env", this.#bus, ...command]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #bus(): string {
    return `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${join(this.#folder, "bus")}`;
  }
}

/** `ip netns exec` gives each program mounts of its own, so that /run here is nobody else's. */
const script = `
mount -t tmpfs none /run && mkdir -p /run/avahi-daemon || exit 1
dbus-daemon --config-file="$1/bus.conf" --nofork --nopidfile &
until [ -S "$1/bus" ]; do sleep 0.05; done
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$1/bus"
avahi-daemon --file "$1/avahi.conf" --no-drop-root --no-chroot --no-rlimits &
wait
`;

const avahiSettings = `
[server]
host-name=avahi-box
use-ipv4=yes
use-ipv6=yes
[publish]
publish-hinfo=no
publish-workstation=no
`;

function busSettings(folder: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`;
}
