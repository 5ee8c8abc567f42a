#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Lab 9: explain.sh RUNG NEXT: what does this step of the ladder save most of? One of
#	call	system calls
#	copy	copies of the message
#	wake	waking, and going to sleep
case "$1 $2" in
# TODO 4: "ipcchan ladder" tells what each rung does, and what it takes.
"copy call") ;;
"copy batch") ;;
"copy map") ;;
"map loan") ;;
"loan ring") ;;
"ring spin") ;;
esac
