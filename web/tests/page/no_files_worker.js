import './no_files.js';
import '/client/worker/main.js';
