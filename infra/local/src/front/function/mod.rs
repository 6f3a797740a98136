//! The template's CloudFront function in a JavaScript engine (`QuickJS`), on a thread of its own.
//!
//! What CloudFront offers it is `platform.js` and nothing else. The engine is not the one that
//! CloudFront runs; the tests run the same table under njs, which is of its family.

mod event;
mod native;
mod store;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc as std_mpsc;
use std::time::{Duration, Instant};

use rquickjs::loader::{BuiltinLoader, BuiltinResolver};
use rquickjs::{CatchResultExt, Context, Function as JsFunction, Module, Promise, Runtime};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

pub(super) use event::{Verdict, ViewerRequest, query_pairs};
pub(crate) use store::{EntryTooLong, KeyStore, Published};

/// The function, ready for requests; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EdgeFunction {
    calls: mpsc::Sender<Call>,
}

/// Why the function does not run, or gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionError {
    /// CloudFront would not take it.
    #[error("the edge's function has {0} bytes, CloudFront takes {SOURCE_BYTES_MAX}")]
    TooLong(usize),
    /// It threw, or asked for what is not offered.
    #[error("the edge's function: {0}")]
    Threw(String),
    /// It answered with what is neither a request nor a response, or with what is not done here.
    #[error("the edge's function answered with {0}")]
    NotUnderstood(String),
    /// Its thread has ended.
    #[error("the edge's function has ended")]
    Ended,
}

#[derive(Debug)]
struct Call {
    event: String,
    reply: oneshot::Sender<Result<String, FunctionError>>,
}

impl EdgeFunction {
    /// Loads `source`, with `store` as its `KeyValueStore`.
    ///
    /// # Errors
    ///
    /// When CloudFront would refuse it, or it throws while it is loaded.
    pub(crate) fn start(source: String, store: KeyStore) -> Result<Self, FunctionError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(FunctionError::TooLong(source.len()));
        }
        let (calls, waiting) = mpsc::channel(CALLS_WAITING_MAX);
        let (loaded, was_loaded) = std_mpsc::channel();
        std::thread::Builder::new()
            .name("edge-function".into())
            .spawn(move || match Engine::load(&source, &store) {
                Ok(engine) => {
                    loaded.send(Ok(())).ok();
                    engine.serve(waiting);
                }
                Err(error) => {
                    loaded.send(Err(error)).ok();
                }
            })
            .map_err(|error| FunctionError::Threw(error.to_string()))?;
        was_loaded.recv().map_err(|_| FunctionError::Ended)??;
        Ok(Self { calls })
    }

    /// What becomes of `request`.
    ///
    /// # Errors
    ///
    /// When the function throws or answers with nonsense: CloudFront answers 503 then.
    pub(super) async fn decide(&self, request: ViewerRequest) -> Result<Verdict, FunctionError> {
        let event = request.event();
        let answer = self.run(event.to_string()).await?;
        let answer: Value = protocol::json::from_str(&answer)
            .map_err(|error| FunctionError::NotUnderstood(error.to_string()))?;
        request.after(&event["request"], &answer)
    }

    async fn run(&self, event: String) -> Result<String, FunctionError> {
        let (reply, answer) = oneshot::channel();
        self.calls.send(Call { event, reply }).await.map_err(|_| FunctionError::Ended)?;
        answer.await.map_err(|_| FunctionError::Ended)?
    }
}

/// The engine, on its thread.
struct Engine {
    context: Context,
    deadline: Rc<Cell<Instant>>,
}

impl Engine {
    fn load(source: &str, store: &KeyStore) -> Result<Self, FunctionError> {
        let threw = |error: rquickjs::Error| FunctionError::Threw(error.to_string());
        let runtime = Runtime::new().map_err(threw)?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        let deadline = Rc::new(Cell::new(Instant::now() + CALL_TIME_MAX));
        let until = Rc::clone(&deadline);
        runtime.set_interrupt_handler(Some(Box::new(move || Instant::now() > until.get())));
        let names = BuiltinResolver::default().with_module("cloudfront").with_module("crypto");
        let modules = BuiltinLoader::default()
            .with_module("cloudfront", "export default globalThis.platformModules.cf;")
            .with_module("crypto", "export default globalThis.platformModules.crypto;");
        runtime.set_loader(names, modules);
        let context = Context::full(&runtime).map_err(threw)?;
        context.with(|ctx| {
            let load = || {
                ctx.globals().set("native", native::object(&ctx, store)?)?;
                ctx.eval::<(), _>(PLATFORM)?;
                let source = format!("{source}\n{EPILOGUE}");
                Module::evaluate(ctx.clone(), "viewer-request", source)?.finish::<()>()
            };
            load().catch(&ctx).map_err(|error| FunctionError::Threw(error.to_string()))
        })?;
        Ok(Self { context, deadline })
    }

    fn serve(&self, mut waiting: mpsc::Receiver<Call>) {
        while let Some(call) = waiting.blocking_recv() {
            // Whoever asked may have gone.
            call.reply.send(self.run(&call.event)).ok();
        }
    }

    fn run(&self, event: &str) -> Result<String, FunctionError> {
        self.deadline.set(Instant::now() + CALL_TIME_MAX);
        self.context.with(|ctx| {
            let call = || {
                let run: JsFunction<'_> = ctx.globals().get("runHandler")?;
                run.call::<_, Promise<'_>>((event,))?.finish::<String>()
            };
            call().catch(&ctx).map_err(|error| FunctionError::Threw(error.to_string()))
        })
    }
}

const PLATFORM: &str = include_str!("platform.js");

/// CloudFront calls the function named `handler`; a module shows it to nobody.
const EPILOGUE: &str = "delete globalThis.platformModules;\n\
    globalThis.runHandler = async (text) => JSON.stringify(await handler(JSON.parse(text)));\n";

/// CloudFront's quotas: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.
const SOURCE_BYTES_MAX: usize = 10 * 1024;

/// CloudFront gives 2 MB beside the engine's own; this engine lives in it too.
const MEMORY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Far above CloudFront's millisecond: a busy machine is no fault of the function.
const CALL_TIME_MAX: Duration = Duration::from_secs(1);

/// Requests that wait for the thread.
const CALLS_WAITING_MAX: usize = 1024;
