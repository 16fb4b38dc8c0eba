/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inputs.h"

#include "base/alloc.h"
#include "base/text.h"
#include "cli/sniff.h"
#include "evidence/evidence.h"
#include "image/opening/names.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct hunt {
	struct trw_file_id wanted;
	const char *input; /* of the call, that is looked at */
	char *how;         /* owned; what is found */
};

static bool
is_wanted(const struct hunt *h, const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && (uint64_t)about.st_dev == h->wanted.dev &&
	       (uint64_t)about.st_ino == h->wanted.ino;
}

/* Note that path, which is `what` of the input, is the file, if it is. */
static enum trw_status
try(struct hunt *h, const char *path, const char *what, struct trw_err *err)
{
	if (h->how != NULL || !is_wanted(h, path))
		return TRW_OK;
	h->how = trw_format(err, "%s %s", what, h->input);
	return h->how == NULL ? TRW_ENOMEM : TRW_OK;
}

static enum trw_status
try_in(struct hunt *h, const char *folder, const char *name, const char *what, struct trw_err *err)
{
	char *path = trw_format(err, "%s/%s", folder, name);
	enum trw_status status = path == NULL ? TRW_ENOMEM : try(h, path, what, err);

	free(path);
	return status;
}

/* ---- what goes with a file ---- */

static enum trw_status
side_files(struct hunt *h, const char *path, struct trw_err *err)
{
	static const char *const suffixes[] = {"-wal", "-journal", "-shm"};
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *name = trw_format(err, "%s%s", path, suffixes[i]);
		status = name == NULL ? TRW_ENOMEM : try(h, name, "a side file of", err);
		free(name);
	}
	return status;
}

/* Letters alone can be the number of a segment, list.csv after list.aaa: they only count beside their neighbour. */
static bool
follows(const struct trw_names *names, size_t i)
{
	const char *dot = strrchr(names->v[i].path, '.');
	bool is_number = dot != NULL && strpbrk(dot, "0123456789") != NULL;

	return is_number || (i > 0 && names->v[i].number - names->v[i - 1].number == 1) ||
	       (i + 1 < names->n && names->v[i + 1].number - names->v[i].number == 1);
}

static enum trw_status
segments(struct hunt *h, const char *path, enum trw_names_style style, struct trw_err *err)
{
	struct trw_names names;
	enum trw_status status = trw_names_find(path, style, &names, err);

	if (status < 0)
		return status;
	for (size_t i = 0; status == TRW_OK && i < names.n; i++)
		if (follows(&names, i))
			status = try(h, names.v[i].path, "a segment of", err);
	trw_names_clear(&names);
	return status;
}

/* The styles are those by which the image layer looks for the rest of a set; the content is not asked, for a segment may be damaged. */
static enum trw_status
all_segments(struct hunt *h, const char *path, struct trw_err *err)
{
	static const enum trw_names_style styles[] = {TRW_NAMES_EWF, TRW_NAMES_EWF2, TRW_NAMES_RAW};
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && i < sizeof(styles) / sizeof(styles[0]); i++)
		status = segments(h, path, styles[i], err);
	return status;
}

/* ---- what an evidence database names ---- */

static const char images_sql[] =
	"SELECT i.path, s.name FROM image AS i LEFT JOIN segment AS s ON s.image_id = i.image_id";

#define IMAGE_OF_DATABASE "an image on record in"

/* The path of an image is as it was given then; it may have moved along with the database since. */
static enum trw_status
take_image(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	struct hunt *h = ctx;
	const char *path = cells[0].text, *segment = cells[1].text;
	char *beside = trw_folder_of(h->input, err);
	char *folder = path == NULL ? NULL : trw_folder_of(path, err);
	enum trw_status status = TRW_OK;

	(void)n;
	if (beside == NULL || (path != NULL && folder == NULL))
		status = TRW_ENOMEM;
	if (status == TRW_OK && path != NULL)
		status = try(h, path, IMAGE_OF_DATABASE, err);
	if (status == TRW_OK && path != NULL)
		status = try_in(h, beside, trw_base_name(path), IMAGE_OF_DATABASE, err);
	if (status == TRW_OK && segment != NULL)
		status = try_in(h, beside, trw_base_name(segment), IMAGE_OF_DATABASE, err);
	if (status == TRW_OK && segment != NULL && folder != NULL)
		status = try_in(h, folder, trw_base_name(segment), IMAGE_OF_DATABASE, err);
	free(folder);
	free(beside);
	return status == TRW_OK && h->how != NULL ? TRW_END : status;
}

static enum trw_status
named_images(struct hunt *h, const char *path, struct trw_err *err)
{
	struct trw_evidence *ev = NULL;
	struct trw_err late = {0};
	enum trw_status status = trw_evidence_open(path, TRW_EVIDENCE_READ, &ev, err);

	if (status == TRW_OK)
		status = trw_evidence_query(ev, images_sql, NULL, 0, take_image, h, err);
	enum trw_status closed = trw_evidence_close(ev, status < 0 ? &late : err);
	if (status >= 0)
		status = closed;
	return status < 0 ? trw_fail_in(err, "cannot tell which images are its own") : TRW_OK;
}

/* ---- the inputs ---- */

static enum trw_status
file_input(struct hunt *h, const char *path, struct trw_err *err)
{
	struct trw_sniff sniff = {0};
	enum trw_status status = side_files(h, path, err);

	if (status == TRW_OK)
		status = all_segments(h, path, err);
	if (status < 0 || h->how != NULL)
		return status;
	if (trw_sniff(path, &sniff, NULL) < 0)
		return TRW_OK; /* it cannot be read: the command will say so */
	return sniff.kind == TRW_SNIFFED_EVIDENCE ? named_images(h, path, err) : TRW_OK;
}

static enum trw_status
folder_input(struct hunt *h, const char *path, struct trw_err *err)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	enum trw_status status = TRW_OK;

	while (dir != NULL && status == TRW_OK && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, "..") != 0)
			status = try_in(h, path, entry->d_name, "a file of", err);
	if (dir != NULL)
		(void)closedir(dir);
	return status;
}

static enum trw_status
input(struct hunt *h, const char *path, struct trw_err *err)
{
	struct stat about;
	enum trw_status status;

	h->input = path;
	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	status = try(h, path, "the input", err);
	if (status < 0 || h->how != NULL || stat(path, &about) != 0)
		return status;
	if (S_ISDIR(about.st_mode))
		return folder_input(h, path, err);
	return S_ISREG(about.st_mode) ? file_input(h, path, err) : TRW_OK;
}

static enum trw_status
inputs(struct hunt *h, const struct trw_texts *texts, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && h->how == NULL && i < texts->n; i++)
		status = input(h, texts->v[i], err);
	return status;
}

enum trw_status
trw_inputs_find(
	const struct trw_call *call, struct trw_file_id file, char **how, struct trw_err *err)
{
	const struct trw_command *self = call->self;
	struct hunt h = {.wanted = file};
	enum trw_status status = inputs(&h, call->operands, err);

	for (size_t i = 0; status == TRW_OK && i < self->n_options; i++)
		if (self->options[i].kind == TRW_OPTION_INPUTS ||
			self->options[i].kind == TRW_OPTION_IMAGES) {
			const void *at = (const char *)call->values + self->options[i].at;
			status = inputs(&h, at, err);
		}
	*how = h.how;
	return status;
}
