/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtsk's reads of damaged bytes get zeros rather than a failure, so that as much as possible of a
 * damaged directory is listed; every such range is kept, and the walk reports it.
 *
 * Signs of life: a spinning parser reads the same places over and over, an honest one gets further. So a read
 * is a tick only when it passes the highest offset that was read since the item began: that ends by itself.
 */
#include "walk/tsk/bridge.h"

#include "base/alloc.h"
#include "worker/guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trw_bridge {
	TSK_IMG_INFO tsk; /* first: libtsk hands a pointer to it back to us */
	const struct trw_view *view;
	struct trw_ranges damage;
	uint64_t high_water; /* offset of the view */
};

static ssize_t
bridge_read(TSK_IMG_INFO *tsk, TSK_OFF_T off, char *buf, size_t len)
{
	struct trw_bridge *b = (struct trw_bridge *)(void *)tsk;
	uint64_t size = b->view->size;
	struct trw_err err = {0};

	if (off < 0 || (uint64_t)off >= size) {
		tsk_error_reset();
		tsk_error_set_errno(TSK_ERR_IMG_READ_OFF);
		tsk_error_set_errstr("read at %" PRIdOFF " is past the end of the image", off);
		return -1;
	}
	if (len > size - (uint64_t)off)
		len = (size_t)(size - (uint64_t)off);
	if (trw_view_read(b->view, (uint64_t)off, buf, len, &b->damage, &err) != TRW_OK) {
		tsk_error_reset();
		tsk_error_set_errno(TSK_ERR_IMG_READ);
		tsk_error_set_errstr("%s", err.text);
		return -1;
	}
	if ((uint64_t)off + len > b->high_water) {
		b->high_water = (uint64_t)off + len;
		trw_guest_tick();
	}
	return (ssize_t)len;
}

static void
bridge_no_close(TSK_IMG_INFO *tsk)
{
	(void)tsk;
}

static void
bridge_stat(TSK_IMG_INFO *tsk, FILE *out)
{
	(void)tsk;
	(void)out;
}

enum trw_status
trw_bridge_open(const struct trw_view *view, uint32_t sector_size, struct trw_bridge **out,
	struct trw_err *err)
{
	struct trw_bridge *b = trw_alloc(1, sizeof(*b), err);

	if (b == NULL)
		return TRW_ENOMEM;
	b->view = view;
	if (tsk_img_open_external(&b->tsk, (TSK_OFF_T)view->size, sector_size, bridge_read,
		    bridge_no_close, bridge_stat) == NULL) {
		free(b);
		return trw_fail(
			err, TRW_EIO, "libtsk does not take the image: %s", trw_bridge_error());
	}
	*out = b;
	return TRW_OK;
}

void
trw_bridge_close(struct trw_bridge *b)
{
	if (b == NULL)
		return;
	trw_ranges_clear(&b->damage);
	free(b);
}

TSK_IMG_INFO *
trw_bridge_tsk(struct trw_bridge *b)
{
	return &b->tsk;
}

void
trw_bridge_item(struct trw_bridge *b)
{
	b->high_water = 0;
}

const struct trw_ranges *
trw_bridge_damage(const struct trw_bridge *b)
{
	return &b->damage;
}

const char *
trw_bridge_error(void)
{
	static char text[TRW_ERR_TEXT_MAX];
	const char *said = tsk_error_get_errno() != 0 ? tsk_error_get() : NULL;

	(void)snprintf(text, sizeof(text), "%s", said != NULL ? said : "");
	tsk_error_reset();
	return text;
}
