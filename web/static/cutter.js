// Runs in the browser's audio thread: cuts what the microphone hears into pieces of 250 ms, 48 kHz, 16 bit, each with
// its level in dB of full scale.
"use strict";

const RATE = 48000;
const PIECE = RATE / 4;
const NOTHING = new Float32Array(128); // what a microphone that is switched off hears

class Cutter extends AudioWorkletProcessor {
  constructor() {
    super();
    this.at = 0; // where in the block the next sample is taken, one sample late so that it lies between two known ones
    this.last = 0;
    this.begin();
  }

  begin() {
    [this.samples, this.count, this.power] = [new Int16Array(PIECE), 0, 0];
  }

  process([channels]) {
    const heard = channels[0] || NOTHING;
    for (; this.at < heard.length; this.at += sampleRate / RATE) {
      const before = Math.floor(this.at);
      const from = before ? heard[before - 1] : this.last;
      this.add(from + (this.at - before) * (heard[before] - from));
    }
    this.at -= heard.length;
    this.last = heard[heard.length - 1];
    return true;
  }

  add(sample) {
    this.samples[this.count++] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.power += sample * sample;
    if (this.count < PIECE) return;
    const level = 10 * Math.log10(this.power / PIECE + 1e-9);
    this.port.postMessage({ samples: this.samples, level }, [this.samples.buffer]);
    this.begin();
  }
}

registerProcessor("cutter", Cutter);
