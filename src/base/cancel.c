/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"

atomic_bool trw_cancelled;
