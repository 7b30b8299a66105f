/**
 * When each of several event sets is due next, side by side: what comes first of all is found without
 * asking every one. Places are in the order of a tick.
 */
export class Agenda {
  /** By place; Infinity when nothing is due. */
  readonly dueUs: Float64Array;

  constructor(places: number) {
    this.dueUs = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
  }

  /** The place that is due first. */
  first(): number {
    const { dueUs } = this;
    let first = 0;
    let firstUs = dueUs[0];
    for (let place = 1; place < dueUs.length; place++) {
      const us = dueUs[place];
      if (us < firstUs) {
        firstUs = us;
        first = place;
      }
    }
    return first;
  }
}

/** Where an event set says when it is due next. */
export interface AgendaPlace {
  readonly agenda: Agenda;
  readonly place: number;
}
