// The staff pages' one script. Each element stands alone, so that the files can be joined for production.
import "./elements/toast-stack.js";
import "./elements/command-box.js";
import "./elements/keyboard-keys.js";
import "./elements/copy-button.js";
import "./elements/open-menus.js";
import "./elements/pick-rows.js";
import "./elements/order-rows.js";
import "./elements/fit-logo.js";
import "./elements/open-tab.js";
import "./elements/failed-requests.js";
import "./elements/mention-staff.js";
import "./elements/keep-draft.js";
import "./elements/chosen-files.js";
import "./elements/follow-focus.js";
import "./elements/first-wrong.js";
import "./elements/enter-moves.js";
import "./elements/chart-marks.js";
