// Where unsent scans outlive a reload: the tab's session storage, under a key of the door's own. Code, id, time, and a reason given at the door.

export class SessionStore {
  constructor(key) {
    this.key = key;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  write(scans) {
    try {
      if (scans.length) sessionStorage.setItem(this.key, JSON.stringify(scans));
      else sessionStorage.removeItem(this.key);
    } catch {
      // storage is full or shut: the queue still holds them in memory
    }
  }
}
