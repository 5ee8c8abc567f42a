/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the models share: tasks, their waiters, and the sleep of waiter.c.
 *
 * A model says TASKS, WAITERS, and TASK(w), on whose stack a waiter is.  What is atomic
 * here is either done under the queue's lock and seen by nobody else, or one access to
 * what is shared and then only to what is the task's own.  A planted fault is a FAULT_
 * define: run.sh expects each to be found.
 */

#define NONE		255

/* w->result, and what a call returns */
#define INPROGRESS	0
#define DONE		1
#define EPIPE		2
#define EOWNERDEAD	3
#define ETIMEDOUT	4
#define ERESTARTSYS	5
#define EINTR		6

bool running[TASKS];	/* its state is TASK_RUNNING: schedule() returns */
bool alive[TASKS];	/* has not exited */
byte refs[TASKS];	/* get_task_struct() by others */
bool sig[TASKS];	/* signal_pending() */
bool fatal[TASKS];	/* fatal_signal_pending() */
bool timed[TASKS];	/* its time may be up, whenever it likes */

bool frame[WAITERS];	/* the waiter is there: its function has not returned */
byte result[WAITERS];
byte wmsg[WAITERS];	/* w->msg */

bool locked;		/* q->lock */
hidden byte n, i;	/* within one step */

#define lock()		!locked -> locked = true
#define unlock()	locked = false
#define IN(list, x)	(len(list) > 0 && list??[eval(x)])

inline task_begin(t)
{
	d_step { alive[t] = true; running[t] = true }
}

/* ipcchan_waiter_add(); the caller puts it in a list in the same step */
inline waiter_add(w, msg)
{
	frame[w] = true;
	wmsg[w] = msg;
	result[w] = INPROGRESS
}

/* The function returns on whose stack it is. */
inline waiter_gone(w)
{
	frame[w] = false;
	result[w] = INPROGRESS;
	wmsg[w] = NONE
}

/* ipcchan_waiter_complete(): its last line, all before it is in the step before */
inline waiter_complete(w, res)
{
	d_step {
		assert(frame[w]);
		assert(result[w] == INPROGRESS);
#ifndef FAULT_NO_TASK_REF
		refs[TASK(w)]++;
#endif
		result[w] = res
	}
}

/* ipcchan_task_wake(): wake_up_process(), put_task_struct() */
inline task_wake(t)
{
	d_step {
		assert(alive[t] || refs[t] > 0);
		running[t] = true;
		if
		:: refs[t] > 0 -> refs[t]--
		:: else
		fi
	}
}

/* ipcchan_queue_complete_locked(): owed is the task to be woken after unlock */
inline complete_locked(w, res)
{
	if
	:: owed != NONE ->
#ifndef FAULT_WAKE_LAST_ONLY
		task_wake(owed)
#else
		refs[owed]--
#endif
	:: else
	fi;
	waiter_complete(w, res);
	owed = TASK(w)
}

/* ipcchan_queue_settle() */
inline settle()
{
	if
	:: owed != NONE -> task_wake(owed); owed = NONE
	:: else
	fi
}

/* ipcchan_waiter_wait(): err is DONE, ERESTARTSYS or ETIMEDOUT */
inline waiter_wait(w)
{
	err = INPROGRESS;
	do
	:: err == INPROGRESS ->
#ifdef FAULT_LOOK_BEFORE_STATE
		if
		:: result[w] != INPROGRESS -> err = DONE
		:: else
		fi;
#endif
		running[TASK(w)] = false;	/* set_current_state() */
		atomic {
			if
#ifndef FAULT_LOOK_BEFORE_STATE
			:: result[w] != INPROGRESS -> err = DONE
#endif
			:: else ->
				if
				:: sig[TASK(w)] -> err = ERESTARTSYS
				:: else
				fi
			fi
		}
		/* ipcchan_sleep() */
		atomic {
			if
			:: err == INPROGRESS && running[TASK(w)]
			:: err == INPROGRESS && timed[TASK(w)] -> err = ETIMEDOUT
			:: err != INPROGRESS
			fi;
			if
			:: err == INPROGRESS && result[w] != INPROGRESS -> err = DONE
			:: else
			fi
		}
	:: else -> break
	od;
	running[TASK(w)] = true
}

/* ipcchan_waiter_sleep(): err is the outcome */
inline waiter_sleep(w, list)
{
	waiter_wait(w);
	/* ipcchan_waiter_cancel() */
	atomic {
		if
		:: err == DONE -> err = result[w]
		:: err != DONE && !locked ->
			if
			:: result[w] == INPROGRESS ->
				assert(IN(list, w));
				list??eval(w);
				result[w] = err
#ifdef FAULT_CANCEL_GIVEN
			:: else
#else
			:: else -> err = result[w]
#endif
			fi
		fi
	}
}

/* So many signals and wake-ups for nothing, at any time; or one task is killed */
active proctype disturb()
{
	byte t, left = DISTURBANCES;

	do
	:: left > 0 ->
		atomic {
			left--;
#ifdef VICTIM
			t = VICTIM;
#else
			select(t : 0 .. TASKS - 1);
#endif
			alive[t];
			if
			:: sig[t] = true; fatal[t] = true
#ifndef VICTIM
			:: sig[t] = true
			:: true
#endif
			fi
		};
		/* signal_wake_up() */
		atomic {
			if
			:: alive[t] -> running[t] = true
			:: else
			fi;
			t = 0
		}
	:: break
	od
}
