//! One rendering: Tera runs the control flow and calls back for every piece.
//!
//! Tera sees numbers and booleans. Values, the output and the error live in [`Rendering`], so no
//! value is copied into Tera, and no message of Tera's is shown.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use secrecy::SecretString;
use tera::{Kwargs, State, Tera, TeraResult};

use super::advice;
use super::ast::Slot;
use super::error::TemplateError;
use super::evaluate::{Fault, Scope};
use super::lower::Program;
use super::position::Position;
use super::range::{self, Turn};
use crate::data::Data;
use crate::runtime::{Buffer, Clock, Context, Failure, Value};

/// Renders a program on data.
pub(super) fn render(
    program: &Arc<Program>,
    source: &str,
    data: &Data,
    clock: Clock,
) -> Result<SecretString, TemplateError> {
    let in_text = |fault: Fault| TemplateError {
        position: Position::of(source, fault.offset),
        kind: advice::of_fault(&fault, source, data),
    };
    let shared = Arc::new(Mutex::new(
        Rendering::new(program, data, clock).map_err(in_text)?,
    ));
    let finished = run(&program.source, &shared);
    let mut rendering = lock(&shared);
    if let Some(fault) = rendering.fault.take() {
        return Err(in_text(fault));
    }
    if finished.is_err() {
        return Err(in_text(Fault::at(0, Failure::Because(ENGINE))));
    }
    let output = std::mem::replace(&mut rendering.output, Buffer::for_output());
    String::from_utf8(output.into_bytes())
        .map(SecretString::from)
        .map_err(|error| {
            drop(secrecy::zeroize::Zeroizing::new(error.into_bytes()));
            in_text(Fault::at(0, Failure::Because(NOT_UTF8)))
        })
}

const ENGINE: &str = "the engine refused the template";
const NOT_UTF8: &str = "the result is not UTF-8 text; `b64enc` makes text of any bytes";

/// The state of one rendering.
struct Rendering {
    program: Arc<Program>,
    scope: Scope,
    turns: Vec<Vec<Turn>>,
    output: Buffer,
    fault: Option<Fault>,
}

/// What Tera is told when one of our functions fails; the reason is kept in [`Rendering`].
const STOPPED: &str = "stopped";

impl Rendering {
    fn new(program: &Arc<Program>, data: &Data, clock: Clock) -> Result<Self, Fault> {
        let scope = Scope::new(program.slots, Context::new(clock), data)?;
        Ok(Self {
            program: Arc::clone(program),
            scope,
            turns: program.ranges.iter().map(|_| Vec::new()).collect(),
            output: Buffer::for_output(),
            fault: None,
        })
    }

    fn text(&mut self, text: usize) -> Result<(), Fault> {
        self.scope.advance()?;
        let (offset, text) = &self.program.texts[text];
        self.output
            .push_str(text)
            .map_err(|failure| Fault::at(*offset, failure))
    }

    fn show(&mut self, pipeline: usize) -> Result<(), Fault> {
        self.scope.advance()?;
        let pipeline = &self.program.pipelines[pipeline];
        let value = self.scope.pipeline(pipeline)?;
        if pipeline.target.is_some() {
            return Ok(());
        }
        self.scope
            .print(&value, &mut self.output)
            .map_err(|failure| Fault::of(pipeline, failure))
    }

    fn test(&mut self, pipeline: usize, dot: Option<usize>) -> Result<bool, Fault> {
        self.scope.advance()?;
        let value = self
            .scope
            .pipeline(&self.program.pipelines[pipeline])
            .map_err(Fault::tested)?;
        let truth = self.scope.truth(&value)?;
        if let Some(dot) = dot {
            self.scope.set(Slot(dot), value);
        }
        Ok(truth)
    }

    fn turns(&mut self, range: usize, pipeline: usize) -> Result<Vec<u64>, Fault> {
        self.scope.advance()?;
        let pipeline = &self.program.pipelines[pipeline];
        let value = self.scope.pipeline(pipeline)?;
        let targets = self.program.ranges[range];
        // As in Go, what the loop goes over is what its variables are until the first turn.
        for slot in [targets.key, targets.element].into_iter().flatten() {
            self.scope.set(slot, value.clone());
        }
        let has_key = targets.key.is_some();
        let turns = range::turns(&mut self.scope.context, &value, has_key)
            .map_err(|failure| Fault::of(pipeline, failure))?;
        let count = turns.len() as u64;
        self.turns[range] = turns;
        Ok((0..count).collect())
    }

    fn turn(&mut self, range: usize, index: usize) -> Result<(), Fault> {
        self.scope.advance()?;
        let targets = self.program.ranges[range];
        let turn = self.turns[range].get(index).cloned();
        let (key, element) = turn.unwrap_or((Value::Nil, Value::Nil));
        if let Some(slot) = targets.key {
            self.scope.set(slot, key);
        }
        if let Some(slot) = targets.element {
            self.scope.set(slot, element.clone());
        }
        self.scope.set(targets.dot, element);
        Ok(())
    }
}

type Shared = Arc<Mutex<Rendering>>;

/// Nothing that holds the lock panics and leaves a half-made value behind that anybody reads.
fn lock(shared: &Shared) -> MutexGuard<'_, Rendering> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a Tera template whose output is empty: what the template prints goes into the rendering.
fn run(source: &str, shared: &Shared) -> TeraResult<()> {
    const NAME: &str = "template";
    let mut tera = prototype().clone();
    register(&mut tera, "text", shared, |rendering, kwargs| {
        rendering.text(number(kwargs, "n")).map(|()| "")
    });
    register(&mut tera, "show", shared, |rendering, kwargs| {
        rendering.show(number(kwargs, "p")).map(|()| "")
    });
    register(&mut tera, "test", shared, |rendering, kwargs| {
        rendering.test(number(kwargs, "p"), None)
    });
    register(&mut tera, "with", shared, |rendering, kwargs| {
        rendering.test(number(kwargs, "p"), Some(number(kwargs, "dot")))
    });
    register(&mut tera, "turns", shared, |rendering, kwargs| {
        rendering.turns(number(kwargs, "r"), number(kwargs, "p"))
    });
    register(&mut tera, "turn", shared, |rendering, kwargs| {
        rendering
            .turn(number(kwargs, "r"), number(kwargs, "i"))
            .map(|()| "")
    });
    tera.add_raw_template(NAME, source)?;
    tera.render(NAME, &tera::Context::new()).map(drop)
}

/// Cloning one is a few times cheaper than making one with all of Tera's own filters.
fn prototype() -> &'static Tera {
    static PROTOTYPE: OnceLock<Tera> = OnceLock::new();
    PROTOTYPE.get_or_init(|| {
        let mut tera = Tera::default();
        tera.autoescape_on(Vec::<&str>::new());
        tera
    })
}

fn register<R>(
    tera: &mut Tera,
    name: &'static str,
    shared: &Shared,
    call: fn(&mut Rendering, &Kwargs) -> Result<R, Fault>,
) where
    R: Into<tera::Value> + 'static,
{
    let shared = Arc::clone(shared);
    tera.register_function(
        name,
        move |kwargs: Kwargs, _: &State<'_>| -> TeraResult<R> {
            let mut rendering = lock(&shared);
            call(&mut rendering, &kwargs).map_err(|fault| {
                rendering.fault = Some(fault);
                tera::Error::message(STOPPED)
            })
        },
    );
}

/// The lowering wrote every number that is asked for.
fn number(kwargs: &Kwargs, name: &'static str) -> usize {
    kwargs.get::<usize>(name).ok().flatten().unwrap_or_default()
}
