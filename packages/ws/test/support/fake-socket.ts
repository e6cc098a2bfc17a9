import {
  deaf,
  type Message,
  type PlatformSocket,
  type SocketHandlers,
} from "../../src/socket/socket.ts";

/** An open socket that does nothing by itself, and remembers what was asked of it. */
export class FakeSocket implements PlatformSocket {
  handlers: SocketHandlers = deaf;
  isOpen = true;
  readonly protocol = "";
  bufferedBytes = 0;
  readonly canPause = true;
  readonly security = { encrypted: false };
  readonly calls: string[] = [];
  readonly sent: Message[] = [];

  readonly ping = (): void => this.#note("ping");

  send(message: Message): void {
    this.sent.push(message);
  }

  pause(): void {
    this.#note("pause");
  }

  resume(): void {
    this.#note("resume");
  }

  close(code: number): void {
    this.#note(`close ${code}`);
  }

  refuse(code: number): void {
    this.#note(`refuse ${code}`);
  }

  terminate(): void {
    this.#note("terminate");
  }

  #note(call: string): void {
    this.calls.push(call);
  }
}
