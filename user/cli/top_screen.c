// SPDX-License-Identifier: GPL-2.0
/* `ipcchan top` on the whole terminal. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>

#include "stop.h"
#include "text.h"
#include "top.h"

#define NS_PER_S	1000000000LL
#define ROWS_ABOVE	2	/* summary and titles */
#define ROWS_BELOW	1	/* keys, or the filter */
#define KEY_ESCAPE	27

struct screen {
	struct top *top;
	size_t first;		/* row at the top of the table */
	bool paused;
	bool editing;		/* the filter is being typed */
	bool ended;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static size_t rows_shown(void)
{
	int rows = LINES - ROWS_ABOVE - ROWS_BELOW;

	return rows > 0 ? rows : 0;
}

/* A whole line: what is longer than the screen is cut off. */
static void draw_line(int y, const char *text, attr_t attrs)
{
	char line[TOP_LINE_SIZE * 2];

	text_fit(text, COLS, line, sizeof(line));
	attrset(attrs);
	mvaddstr(y, 0, line);
}

static void draw_bottom(const struct screen *screen)
{
	char line[TOP_LINE_SIZE], filter[4 * TOP_FILTER_SIZE];

	text_safe(screen->top->view.filter, filter, sizeof(filter));
	if (screen->editing)
		snprintf(line, sizeof(line), "filter (Enter: done, Esc: none): %.300s", filter);
	else
		snprintf(line, sizeof(line), "%sq quit  < > sort  r reverse  / filter  p pause"
			 "%s%.300s", screen->paused ? "PAUSED  " : "",
			 *filter ? "  filter: " : "", filter);
	draw_line(LINES - 1, line, screen->paused ? A_BOLD : A_NORMAL);
	curs_set(screen->editing);
	if (screen->editing)
		move(LINES - 1, text_columns(line));
}

static void draw(const struct screen *screen)
{
	struct top *top = screen->top;
	size_t rows = rows_shown();
	char line[TOP_LINE_SIZE];
	int name_max = COLS / 4;

	/* long names do not push the rest off the screen */
	if (top->view.name_columns > name_max)
		top->view.name_columns = name_max;
	erase();
	top_summary(top, line);
	draw_line(0, line, A_NORMAL);
	top_header(&top->view, line);
	draw_line(1, line, A_REVERSE);
	for (size_t i = 0; i < rows && screen->first + i < top->n; i++) {
		top_line(&top->rates[screen->first + i], &top->view, line);
		draw_line(ROWS_ABOVE + i, line, A_NORMAL);
	}
	draw_bottom(screen);
	refresh();
}

/* So that the table does not end above the last row of the screen. */
static void scroll_to(struct screen *screen, long first)
{
	long last = (long)screen->top->n - (long)rows_shown();

	if (first > last)
		first = last;
	screen->first = first > 0 ? first : 0;
}

/* The one after it, and after the last the first. */
static void next_key(struct top_view *view)
{
	view->key++;
	if (!top_keys[view->key])
		view->key = 0;
}

static void previous_key(struct top_view *view)
{
	if (view->key > 0)
		view->key--;
	else
		while (top_keys[view->key + 1])
			view->key++;
}

/* Return: 0; -ENOMEM. */
static int edit(struct screen *screen, int key)
{
	char *filter = screen->top->view.filter;
	size_t len = strlen(filter);

	switch (key) {
	case '\n':
	case '\r':
	case KEY_ENTER:
		screen->editing = false;
		return 0;
	case KEY_ESCAPE:
		screen->editing = false;
		filter[0] = '\0';
		break;
	case KEY_BACKSPACE:
	case '\b':
	case 0x7f:
		/* a whole character of UTF-8 */
		while (len && (filter[--len] & 0xc0) == 0x80)
			;
		filter[len] = '\0';
		break;
	default:
		if (key < ' ' || key > 0xff || len + 1 >= TOP_FILTER_SIZE)
			return 0;
		filter[len] = key;
		filter[len + 1] = '\0';
	}
	screen->first = 0;
	return top_sort(screen->top);
}

/* Keys that change what is shown.  Return: 0; -ENOMEM. */
static int change_view(struct screen *screen, int key)
{
	struct top_view *view = &screen->top->view;

	switch (key) {
	case '<':
		previous_key(view);
		break;
	case '>':
		next_key(view);
		break;
	case 'r':
		view->reverse = !view->reverse;
		break;
	case '/':
		screen->editing = true;
		view->filter[0] = '\0';
		break;
	default:
		return 0;
	}
	screen->first = 0;
	return top_sort(screen->top);
}

/* Return: 0; negative errno. */
static int on_key(struct screen *screen, int key)
{
	long first = screen->first;

	if (screen->editing && key != KEY_RESIZE)
		return edit(screen, key);
	switch (key) {
	case 'q':
	case 'Q':
		screen->ended = true;
		return 0;
	case 'p':
		screen->paused = !screen->paused;
		return 0;
	case ' ':
		return top_update(screen->top);
	case KEY_UP:
		first--;
		break;
	case KEY_DOWN:
		first++;
		break;
	case KEY_PPAGE:
		first -= rows_shown();
		break;
	case KEY_NPAGE:
		first += rows_shown();
		break;
	case KEY_HOME:
		first = 0;
		break;
	case KEY_END:
		first = screen->top->n;
		break;
	default:
		break;
	}
	scroll_to(screen, first);
	return change_view(screen, key);
}

/* All keys that have been pressed; a change of the terminal's size comes as one. */
static int read_keys(struct screen *screen)
{
	int err = 0, key;

	while (!err && !screen->ended && (key = getch()) != ERR)
		err = on_key(screen, key);
	return err;
}

/* Return: as top_screen(). */
static int show(struct screen *screen, uint64_t count)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t next_ns = stop_next(screen->top->now.time_ns, screen->top->interval_ns);
	uint64_t shown = 0;
	int err = 0, ret;

	while (!err && !stop_asked && !screen->ended) {
		int64_t left_ns = next_ns - now_ns();

		draw(screen);
		ret = stop_poll(&pfd, 1, left_ns > 0 ? left_ns : 0, 0);
		/* the terminal has gone */
		if (ret > 0 && pfd.revents & (POLLHUP | POLLERR))
			break;
		err = read_keys(screen);
		if (err || now_ns() < next_ns)
			continue;
		next_ns = stop_next(next_ns, screen->top->interval_ns);
		if (!screen->paused)
			err = top_update(screen->top);
		scroll_to(screen, screen->first);
		if (!err && count && ++shown == count)
			return 1;
	}
	return err;
}

static void on_quit(int sig)
{
	(void)sig;
	stop_asked++;
	/* as the others: a wait that was begun just after it is interrupted */
	alarm(1);
}

int top_screen(struct top *top, uint64_t count)
{
	struct sigaction quit = { .sa_handler = on_quit };
	struct screen screen = { .top = top };
	SCREEN *term;
	int err;

	/* Names may be UTF-8; numbers stay as they are. */
	setlocale(LC_CTYPE, "");
	sigaction(SIGQUIT, &quit, NULL);
	term = newterm(NULL, stdout, stdin);
	if (!term)
		return -ENOTTY;
	set_escdelay(25);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	err = show(&screen, count);
	endwin();
	delscreen(term);
	return err;
}
