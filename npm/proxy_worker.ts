/** The worker of that name, for Node and Bun. @module */
import "./worker_scope.ts";
import "../server/live/proxy_worker.ts";
