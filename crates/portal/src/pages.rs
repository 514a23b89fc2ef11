//! The pages of the portal: routes, and the list of what they are.

use std::sync::Arc;

use axum::{Router, handler::Handler, routing};

use crate::portal::Site;

/// Routes that know their own list, so that the tests hold every one of them against the declared rights.
#[derive(Default)]
pub(crate) struct Pages {
    router: Router<Arc<Site>>,
    endpoints: Vec<String>,
}

impl Pages {
    /// A page that is looked at.
    pub(crate) fn get<H: Handler<T, Arc<Site>>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.endpoints.push(format!("GET {path}"));
        Self { router: self.router.route(path, routing::get(handler)), ..self }
    }

    /// A form that is sent.
    pub(crate) fn post<H: Handler<T, Arc<Site>>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.endpoints.push(format!("POST {path}"));
        Self { router: self.router.route(path, routing::post(handler)), ..self }
    }

    pub(crate) fn into_parts(self) -> (Router<Arc<Site>>, Vec<String>) {
        (self.router, self.endpoints)
    }
}
