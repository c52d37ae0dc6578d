//! From single events to operations: pairs each end with its beginning, and refuses what cannot have happened.

use super::{BadHistory, Completion, Datum, History, Moment, Operation};
use crate::engine::Time;
use crate::engine::trace::Outcome;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an event says about its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It begins.
    Invoke,
    /// It ended like this.
    Complete(Outcome),
}

/// One line of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Whether it begins or ends.
    pub kind: EventKind,
    /// Whose.
    pub process: &'a str,
    /// What was asked; an end may leave it out.
    pub function: Option<&'a str>,
    /// What object was asked.
    pub key: Option<Datum>,
    /// The argument of a beginning, the answer of an end.
    pub value: Datum,
    /// When; either all events of a history have a time, or none.
    pub time: Option<Time>,
    /// The line of the file; 0 if there is none.
    pub line: u32,
}

/// Takes events in order and makes a history of them.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    history: History,
    /// For each process, the operation that it waits for.
    open: Vec<Option<u32>>,
    processes: BTreeMap<Arc<str>, u32>,
    functions: BTreeMap<Arc<str>, u32>,
    latest: Time,
    latest_line: u32,
}

impl Recorder {
    /// A recorder of a history that is to be judged by this model.
    pub fn named(model: &str) -> Self {
        let mut recorder = Self::default();
        recorder.history.model = Some(model.into());
        recorder
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// If it cannot have happened after the events before it.
    pub fn take(&mut self, event: Event<'_>) -> Result<(), BadHistory> {
        let at = self.moment(&event)?;
        let process = self.process(event.process);
        match event.kind {
            EventKind::Invoke => self.invoke(process, at, event),
            EventKind::Complete(outcome) => self.complete(process, at, outcome, event),
        }
    }

    /// The place of a process, for [`begin`](Self::begin) and [`end`](Self::end).
    pub fn process(&mut self, name: &str) -> u32 {
        let process = intern(&mut self.processes, &mut self.history.processes, name);
        self.open.resize(self.history.processes.len(), None);
        process
    }

    /// The place of a function, for [`begin`](Self::begin).
    pub fn function(&mut self, name: &str) -> u32 {
        intern(&mut self.functions, &mut self.history.functions, name)
    }

    /// An operation begins, as [`take`](Self::take) but for whoever sees it happen: names were looked up before, and
    /// nothing can be wrong.
    ///
    /// # Panics
    /// If something is: the process waits for another operation, or time runs backwards.
    pub fn begin(&mut self, process: u32, function: u32, key: Option<Datum>, input: Datum, time: Time) {
        let invoked = self.now(time);
        let open = self.open[process as usize].replace(self.history.operations.len() as u32);
        assert!(open.is_none(), "a process does one thing at a time");
        self.history.operations.push(Operation { process, function, key, input, invoked, completion: None });
    }

    /// The operation of this process ends; see [`begin`](Self::begin).
    ///
    /// # Panics
    /// If the process waits for no operation, or time runs backwards.
    pub fn end(&mut self, process: u32, outcome: Outcome, value: Datum, time: Time) {
        let at = self.now(time);
        let open = self.open[process as usize].take().expect("what ends has begun");
        self.history.operations[open as usize].completion = Some(Completion { outcome, value, at });
    }

    fn now(&mut self, time: Time) -> Moment {
        assert!(time >= self.latest, "time does not run backwards");
        self.history.timed = true;
        self.latest = time;
        let order = self.history.events;
        self.history.events += 1;
        Moment { order, line: 0, time }
    }

    fn moment(&mut self, event: &Event<'_>) -> Result<Moment, BadHistory> {
        let first = self.history.events == 0;
        if first {
            self.history.timed = event.time.is_some();
        } else if self.history.timed != event.time.is_some() {
            let (has, had) =
                if event.time.is_some() { ("has a time", "have none") } else { ("has no time", "have one") };
            let message = format!("this event {has}, but those before it {had}");
            return Err(BadHistory::at(event.line, message, "give every event a time, or none"));
        }
        let time = event.time.unwrap_or_default();
        if time < self.latest {
            let message =
                format!("time runs backwards: {time} comes after {} in line {}", self.latest, self.latest_line);
            return Err(BadHistory::at(event.line, message, "write the events in the order in which they happened"));
        }
        (self.latest, self.latest_line) = (time, event.line);
        let order = self.history.events;
        self.history.events += 1;
        Ok(Moment { order, line: event.line, time })
    }

    fn invoke(&mut self, process: u32, at: Moment, event: Event<'_>) -> Result<(), BadHistory> {
        if let Some(open) = self.open[process as usize] {
            let open = &self.history.operations[open as usize];
            let message = format!(
                "process {} begins an operation, but its `{}` of line {} has not ended",
                event.process,
                self.history.function(open),
                open.invoked.line
            );
            let help = "a process waits for its answer; record operations that overlap under different processes";
            return Err(BadHistory::at(event.line, message, help));
        }
        let Some(function) = event.function else {
            return Err(BadHistory::at(event.line, "an operation begins without a function", "say what was asked"));
        };
        let function = self.function(function);
        self.open[process as usize] = Some(self.history.operations.len() as u32);
        let Event { key, value: input, .. } = event;
        self.history.operations.push(Operation { process, function, key, input, invoked: at, completion: None });
        Ok(())
    }

    fn complete(&mut self, process: u32, at: Moment, outcome: Outcome, event: Event<'_>) -> Result<(), BadHistory> {
        let Some(open) = self.open[process as usize].take() else {
            let message = format!("process {} ends an operation that it did not begin", event.process);
            return Err(BadHistory::at(event.line, message, "the line with the beginning may be missing above"));
        };
        let begun = &self.history.operations[open as usize];
        let function = self.history.function(begun);
        if let Some(other) = event.function.filter(|other| *other != function) {
            let message = format!(
                "process {} ends a `{other}`, but what it began in line {} is a `{function}`",
                event.process, begun.invoked.line
            );
            return Err(BadHistory::at(event.line, message, "lines between them may be missing"));
        }
        if let (Some(now), then) = (&event.key, &begun.key)
            && then.as_ref() != Some(now)
        {
            let then = then.as_ref().map_or("none".to_owned(), Datum::to_string);
            let message =
                format!("process {} ends a `{function}` of key {now}, but began it with key {then}", event.process);
            return Err(BadHistory::at(event.line, message, "lines between them may be missing"));
        }
        let completion = Completion { outcome, value: event.value, at };
        self.history.operations[open as usize].completion = Some(completion);
        Ok(())
    }

    /// How many events were taken.
    pub fn events(&self) -> u32 {
        self.history.events
    }

    /// What was taken so far. Operations that have not ended count as unknown.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The history; `model` is what the file says about itself.
    pub fn finish(mut self, model: Option<Arc<str>>) -> History {
        self.history.model = model.or(self.history.model);
        self.history
    }
}

fn intern(places: &mut BTreeMap<Arc<str>, u32>, names: &mut Vec<Arc<str>>, name: &str) -> u32 {
    if let Some(place) = places.get(name) {
        return *place;
    }
    let (place, name): (u32, Arc<str>) = (names.len() as u32, name.into());
    names.push(name.clone());
    places.insert(name, place);
    place
}
