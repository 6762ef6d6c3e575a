/**
 * Where the page begins.
 *
 * @module
 */
import "./page.css";
import { render } from "preact";
import { App } from "./app.tsx";

render(<App />, document.querySelector("#page")!);
